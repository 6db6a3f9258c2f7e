import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Counter } from './counter.ts';

const REQUESTS = 3_000;

const PROGRAM = `
  const [endpoint, requests] = process.argv.slice(1);
  for (let made = 0; made < Number(requests); made += 1) {
    const answer = await fetch(endpoint, {
      method: 'POST',
      headers: { 'x-amz-target': 'DynamoDB_20120810.ListTables' },
      body: '{}',
    });
    await answer.text();
  }`;

/**
 * Processor time, in milliseconds, that answering one request on loopback takes here beside the service's own work:
 * asked by another process, so that nothing of the asking is in it.
 */
export async function measureServerMs(counter: Counter): Promise<number> {
  const endpoint = process.env.AWS_ENDPOINT_URL ?? '';
  const args = ['--input-type=module', '--eval', PROGRAM, endpoint, String(REQUESTS)];
  const serviceBefore = counter.get('service ms');
  const before = process.cpuUsage();
  await promisify(execFile)(process.execPath, args);
  const { user, system } = process.cpuUsage(before);
  const serviceMs = counter.get('service ms') - serviceBefore;
  return Math.max(0, (user + system) / 1_000 - serviceMs) / REQUESTS;
}
