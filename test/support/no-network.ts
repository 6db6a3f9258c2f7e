import { isIP } from 'node:net';

const LOOPBACK = /^(127\.|localhost$|\[?::1)/;
const platformFetch = globalThis.fetch;

/** No test leaves this machine: a fixture that reaches for a real host fails at once and says so. */
const loopbackFetch: typeof fetch = (input, init) => {
  const { hostname } = new URL(input instanceof Request ? input.url : input);
  if (!LOOPBACK.test(hostname)) {
    const what = isIP(hostname) ? 'address' : 'host';
    return Promise.reject(new Error(`A test tried to reach the ${what} ${hostname}`));
  }
  return platformFetch(input, init);
};

// Files of one worker share its globals: one guard is enough.
if (platformFetch.name !== loopbackFetch.name) globalThis.fetch = loopbackFetch;
