import { instantOf, orderEvidence } from '../polling/list-order.ts';
import type { CallFacts, Provider } from '../providers/provider.ts';
import { MINUTE_MS } from '../time.ts';
import { type CheckFinding, ok, warning } from './check-finding.ts';

/** The time that was asked for. */
export interface Window {
  readonly from: Date;
  readonly to: Date;
}

/** Both clocks may be off by this much. */
const CLOCK_SKEW_MS = MINUTE_MS;

/** In what order a list came; that matters where nothing else leads to its recent calls. */
export function checkOrder(
  facts: readonly CallFacts[],
  { list }: Provider,
  now: Date,
): CheckFinding {
  const evidence = orderEvidence(now);
  evidence.add(facts);
  const order = evidence.verdict();
  if (order === undefined) return ok('order', 'too few calls to see one');
  if (order.direction !== 'none') {
    return ok('order', `${order.direction.replace('-', ' ')}, by ${order.by}`);
  }
  const why = 'the calls of this page are in no order of time';
  return list.window
    ? ok('order', `${why}; polls ask for a window of time`)
    : warning(
        'order',
        `${why}, so each poll reads the whole list`,
        'Raise poll.every if it is long.',
      );
}

/** Whether a list keeps to the time that was asked for. */
export function checkTimeFilter(
  facts: readonly CallFacts[],
  { id, list }: Provider,
  window: Window | undefined,
  now: Date,
): CheckFinding {
  if (!list.window || !window) {
    return ok('filter', 'the list has no time filter; its recent part is read');
  }
  const { field } = list.window;
  const outside = facts.filter((each) => {
    const at = instantOf(each, field, now);
    return at !== undefined && at < window.from.getTime() - CLOCK_SKEW_MS;
  });
  return outside.length === 0
    ? ok('filter', `all calls are of the time that was asked for, by ${field}`)
    : warning(
        'filter',
        `${outside.length} of ${facts.length} calls are older than what was asked for, by ${field}`,
        `${id} does not keep to its time filter, so polls read more than they need: please report it.`,
      );
}
