import { type Path, valueAt } from '../config/finding.ts';
import type { Route } from '../config/settings.ts';
import { checkCondition, type Findings } from './check-condition.ts';
import { findUnreachable } from './reach.ts';
import type { Reasons } from './reasons.ts';

/**
 * Checks what routes ask for against what events can be.
 *
 * @param written the routes as they are written, so that a fault in one field hides none in another
 * @param routes the same, read; undefined for those that are not readable
 */
export function checkRoutes(
  written: readonly unknown[],
  routes: readonly (Route | undefined)[],
  reasons: Reasons,
): Findings {
  const checked = written.map((route, index) => {
    const path: Path = ['routes', index, 'when'];
    return checkCondition(valueAt(route, ['when']), path, reasons);
  });
  return {
    errors: [...checked.flatMap(({ errors }) => errors), ...findUnreachable(routes)],
    warnings: checked.flatMap(({ warnings }) => warnings),
  };
}
