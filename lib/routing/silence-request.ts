import { randomUUID } from 'node:crypto';
import { checkShape } from '../config/check-shape.ts';
import { conditionSchema } from '../config/condition.ts';
import { ConfigError } from '../config/config-error.ts';
import { locate } from '../config/source-positions.ts';
import { openYaml } from '../config/yaml-file.ts';
import { addMs } from '../time.ts';
import { checkCondition } from './check-condition.ts';
import type { Reasons } from './reasons.ts';
import type { Silence } from './silence.ts';

/** What somebody who wants quiet has to say. */
export interface SilenceRequest {
  /** Lines of a condition as it stands in a route: `connection: clinic-riyadh`. Empty: every event. */
  readonly when: readonly string[];
  readonly to: readonly string[];
  readonly forMs: number;
  readonly author: string;
  readonly comment: string;
}

/** How messages name the place of what is wrong. */
const PLACE = '--when';

const WHEN_EMPTY = 'Write a field and a value, such as "connection: clinic-riyadh".';

/** A condition from the command line, checked as those of the file are. @throws ConfigError */
function conditionOf(lines: readonly string[], reasons: Reasons): Silence['when'] {
  if (lines.length === 0) return {};
  const { source, written, syntax, refuse } = openYaml(lines.join('\n'), PLACE, WHEN_EMPTY);
  const { data, findings } = checkShape(conditionSchema, written);
  const { errors, warnings } = checkCondition(written, [], reasons);
  refuse([...syntax, ...findings, ...errors]);
  // A reason that nothing has is a slip here: there is no file in which it could wait for its day.
  if (warnings.length > 0) throw new ConfigError(PLACE, locate(source, warnings));
  return data ?? {};
}

/** The silence that begins now. @throws ConfigError that names the line, the field and the fix */
export function silenceFrom(
  { when, to, forMs, author, comment }: SilenceRequest,
  reasons: Reasons,
  now: Date,
): Silence {
  return {
    id: randomUUID().slice(0, 8),
    when: conditionOf(when, reasons),
    to: [...to],
    author,
    comment,
    createdAt: now.toISOString(),
    until: addMs(now, forMs).toISOString(),
  };
}
