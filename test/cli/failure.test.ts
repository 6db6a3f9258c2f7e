import { describe, expect, it } from 'vitest';
import { tellOf, UserError } from '../../lib/cli/failure.ts';
import { readConfigText } from '../../lib/cli/read-config.ts';

const thrownBy = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return error;
  }
};

describe('what a person is told of an error', () => {
  it('is what to do, and nothing else, where it is theirs to mend', () => {
    expect(tellOf(new UserError('Set it.'), { debug: true })).toEqual({
      text: 'Set it.',
      status: 2,
    });
  });

  it('is each fault of a configuration with its line', () => {
    const { text, status } = tellOf(
      thrownBy(() => readConfigText('conections: []', 'c.yaml')),
      { debug: false },
    );

    expect(text).toContain('c.yaml:1:1');
    expect(text).toContain('Did you mean "connections"?');
    expect(text).toContain('1 | conections:');
    expect(status).toBe(2);
  });

  it('is short where nobody expected it, with where to report it', () => {
    const { text, status } = tellOf(new TypeError('x is not a function'), { debug: false });

    expect(text.split('\n')[0]).toBe('callwire: TypeError: x is not a function');
    expect(text).toContain('CONTRIBUTING.md');
    expect(text).toContain('CALLWIRE_DEBUG=1');
    expect(text).not.toContain('    at ');
    expect(status).toBe(1);
  });

  it('is everything, causes included, for those who look for faults', () => {
    const error = new Error('outer', { cause: new RangeError('inner') });
    const { text } = tellOf(error, { debug: true });

    expect(text).toMatch(/Error: outer\n {4}at /);
    expect(text).toMatch(/caused by: RangeError: inner\n {4}at /);
  });

  it('is something even when no Error was thrown', () => {
    expect(tellOf('gone', { debug: true }).text).toContain('callwire: Error: gone');
  });
});
