import { stripVTControlCharacters } from 'node:util';
import { createLogUpdate } from 'log-update';
import { frameLines, happeningLine } from './live-view.ts';
import type { Tally } from './tally.ts';

/** Nobody waits for the picture: it must not keep a process that is otherwise done. */
const REFRESH_MS = 200;

export interface Watch {
  /** Names what is going on, besides watching. */
  step(text: string): void;
  /** Leaves the last picture on the screen. */
  end(): void;
}

export interface WatchOptions {
  readonly title: string;
  readonly seconds: number | undefined;
  readonly out: NodeJS.WriteStream;
  /** Lines only, without a picture that is drawn again and again. */
  readonly plain: boolean;
}

/** Shows a session while it runs: a picture on a terminal, one line per happening elsewhere. */
export function startWatch(tally: Tally, { title, seconds, out, plain }: WatchOptions): Watch {
  const startedAt = Date.now();
  if (plain || !out.isTTY) {
    let shown = 0;
    const show = () => {
      const unseen = tally.happened - shown;
      const latest = unseen > 0 ? tally.happenings.slice(-unseen) : [];
      for (const happening of latest) {
        out.write(`${stripVTControlCharacters(happeningLine(happening)).trim()}\n`);
      }
      shown = tally.happened;
    };
    out.write(`callwire: ${title}\n`);
    const timer = setInterval(show, REFRESH_MS).unref();
    return {
      step: (text) => {
        show();
        out.write(`callwire: ${text}\n`);
      },
      end: () => {
        clearInterval(timer);
        show();
      },
    };
  }
  const draw = createLogUpdate(out);
  let step: string | undefined;
  const show = () => {
    const { columns, rows } = out;
    draw(
      frameLines(tally, { title, now: Date.now(), startedAt, seconds, step, columns, rows }).join(
        '\n',
      ),
    );
  };
  show();
  const timer = setInterval(show, REFRESH_MS).unref();
  return {
    step: (text) => {
      step = text;
      show();
    },
    end: () => {
      clearInterval(timer);
      step = undefined;
      show();
      draw.done();
    },
  };
}
