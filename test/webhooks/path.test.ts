import { describe, expect, it } from 'vitest';
import { isOurPath, webhookAddress } from '../../lib/webhooks/path.ts';

const pathOf = (address: string) => {
  const [check = '', connection = ''] = address.split('/').reverse();
  return { connection, check };
};

describe('the address of a connection', () => {
  const address = webhookAddress('https://api.example.com/webhooks', 'stack-1', 'shop');

  it('is the same for ever, or every provider would have to be told', () => {
    expect(address).toBe('https://api.example.com/webhooks/shop/2gwSZgnkSYgt8FcX4QhpQk');
  });

  it('is known by itself, and is of one connection of one deployment', () => {
    const path = pathOf(address);

    expect(isOurPath('stack-1', path)).toBe(true);
    expect(isOurPath('stack-2', path)).toBe(false);
    expect(isOurPath('stack-1', { ...path, connection: 'shop2' })).toBe(false);
    expect(isOurPath('stack-1', { ...path, check: '' })).toBe(false);
  });
});
