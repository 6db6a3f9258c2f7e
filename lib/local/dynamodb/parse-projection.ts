import { overlaps, type Path } from './document-path.ts';
import type { ExpressionBindings } from './expression-bindings.ts';
import { ExpressionReader } from './expression-reader.ts';

/** Parses a projection expression: paths, of which none may lead to another. */
export function parseProjection(source: string, bindings: ExpressionBindings): Path[] {
  const reader = new ExpressionReader('ProjectionExpression', source, bindings);
  const paths = reader.list(() => reader.path());
  reader.expectEnd();
  for (const [position, path] of paths.entries()) {
    if (paths.slice(position + 1).some((later) => overlaps(path, later))) {
      throw reader.error(
        'Two document paths overlap with each other; must remove or rewrite one of these paths',
      );
    }
  }
  return paths;
}
