import { Shown } from './parts.tsx';
import { hrefOf } from './router.ts';
import { useAnswer } from './use-answer.ts';

/** What a provider sent, as it was sent: read only when somebody asks for it. */
export function RawRecord({
  question,
  connection,
  id,
}: {
  question: 'raw' | 'quarantined';
  connection: string;
  id: string;
}) {
  const asked = useAnswer(question, hrefOf('', { connection, id }).slice(1));
  return (
    <Shown asked={asked}>
      {({ raw }) =>
        raw === undefined || raw === null ? (
          <p class="quiet">
            It is not kept any more, or it is so large that it lies in the bucket.
          </p>
        ) : (
          <pre dir="ltr">{JSON.stringify(raw, null, 2)}</pre>
        )
      }
    </Shown>
  );
}
