import type { ErrorReport } from './protocol.ts';

/** A function that threw, ran out of time or took its worker down; `name` is Lambda's `errorType`. */
export class FunctionError extends Error {
  override readonly name: string;

  constructor({ errorType, errorMessage, trace }: ErrorReport) {
    super(errorMessage);
    this.name = errorType;
    if (trace.length > 0) {
      this.stack = trace.join('\n');
    }
  }
}
