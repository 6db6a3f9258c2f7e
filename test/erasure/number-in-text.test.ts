import { describe, expect, it } from 'vitest';
import { mentions } from '../../lib/erasure/mentions.ts';
import { numberIn } from '../../lib/erasure/number-in-text.ts';

describe('a number', () => {
  const holds = numberIn('+966501234567');

  it.each([
    '+966501234567',
    '{"to":"966501234567"}',
    '00966 50 123 4567',
    'on 12 May 0501234567, please',
    '050-123-4567',
    '(050) 123.4567',
    '+966 (0)50 123 4567',
    '501234567',
    'اتصل على ٠٥٠ ١٢٣ ٤٥٦٧',
    '۰۵۰۱۲۳۴۵۶۷',
  ])('is found in %j', (text) => {
    expect(holds(text)).toBe(true);
  });

  it.each([
    '+966501234568',
    '1966501234567',
    '5012345670',
    'call 50 or 1234567',
    '',
    '+96650123456',
  ])('is not found in %j', (text) => {
    expect(holds(text)).toBe(false);
  });
});

describe('a call', () => {
  it('is mentioned where its id stands as a whole', () => {
    const isIn = mentions({ id: 'call-1.a' });

    expect(isIn('{"id":"call-1.a"}')).toBe(true);
    expect(isIn('{"id":"call-1.ab"}')).toBe(false);
    expect(isIn('{"id":"my-call-1.a"}')).toBe(false);
    expect(isIn('{"id":"call-1xa"}')).toBe(false);
  });
});
