import type { LogLevel } from '../template/declarations.ts';

/** What a worker is told once, when it starts. */
export interface RuntimeSettings {
  readonly folder: string;
  readonly handler: string;
  readonly functionName: string;
  readonly functionArn: string;
  readonly memoryMb: number;
  readonly logFormat: 'Text' | 'JSON';
  readonly logLevel: LogLevel;
  /** A folder in which compiled code is kept for the next worker; undefined: it is compiled each time. */
  readonly codeCache: string | undefined;
}

/** One invocation; events and results cross as JSON, as they do in AWS. */
export interface InvocationRequest {
  readonly requestId: string;
  readonly event: string;
  /** Epoch milliseconds at which the worker is ended. */
  readonly deadline: number;
}

export interface ErrorReport {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: readonly string[];
}

/** What a worker says: once `ready` or `broken`, then one of the others for each invocation. */
export type RuntimeMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'broken'; readonly error: ErrorReport }
  | { readonly kind: 'succeeded'; readonly result: string | undefined }
  | { readonly kind: 'failed'; readonly error: ErrorReport };
