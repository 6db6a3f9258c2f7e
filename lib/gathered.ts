import { setImmediate as nextTurn } from 'node:timers/promises';

interface Asking<Q, A> {
  readonly question: Q;
  readonly done: PromiseWithResolvers<A>;
}

/**
 * One answer for many: who asks in the same turn of the event loop, or while others are being answered, is
 * answered together with those beside him. Nobody waits for longer than the answer before his own takes.
 *
 * @param answerAll answers to all questions, in their order; what it throws, all of them are told
 */
export function gathered<Q, A>(
  answerAll: (questions: readonly Q[]) => Promise<readonly A[]>,
): (question: Q) => Promise<A> {
  let asking: Asking<Q, A>[] = [];
  let isBusy = false;

  async function answer(together: readonly Asking<Q, A>[]): Promise<void> {
    try {
      const answers = await answerAll(together.map(({ question }) => question));
      for (const [index, { done }] of together.entries()) {
        const own = answers[index];
        if (own === undefined) throw new Error('A question was left without an answer');
        done.resolve(own);
      }
    } catch (error) {
      // Who has been answered stays so.
      for (const { done } of together) done.reject(error);
    }
  }

  async function answerAsLongAsAsked(): Promise<void> {
    isBusy = true;
    await nextTurn();
    while (asking.length > 0) {
      const together = asking;
      asking = [];
      await answer(together);
    }
    isBusy = false;
  }

  return (question) => {
    const done = Promise.withResolvers<A>();
    asking.push({ question, done });
    if (!isBusy) void answerAsLongAsAsked();
    return done.promise;
  };
}
