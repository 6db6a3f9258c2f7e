import type { ProofDeps } from '../../lib/proof/judge-calls.ts';

/** Nobody is told of anything, so nobody can have missed it. */
export const NO_ROUTES: Pick<ProofDeps, 'routing' | 'deliveries'> = {
  routing: async () => ({
    routes: [],
    kinds: new Map(),
    silences: [],
    fallbacks: new Map(),
    routesSince: null,
  }),
  deliveries: async () => [],
};
