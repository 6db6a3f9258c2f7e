import { isIP } from 'node:net';

const LOOPBACK = /^(127\.|localhost$|\[?::1)/;
const realFetch = globalThis.fetch;

/** No test leaves this machine: a fixture that reaches for a real host fails at once and says so. */
globalThis.fetch = (input, init) => {
  const { hostname } = new URL(input instanceof Request ? input.url : input);
  if (!LOOPBACK.test(hostname)) {
    const what = isIP(hostname) ? 'address' : 'host';
    return Promise.reject(new Error(`A test tried to reach the ${what} ${hostname}`));
  }
  return realFetch(input, init);
};
