// SPDX-License-Identifier: Apache-2.0

/** Everything a command knows of the outer world, so that a whole program runs inside a test. */
export interface Environment {
  readonly stdin: AsyncIterable<Uint8Array>;
  readonly stdinIsTerminal: boolean;
  /** A promise is returned while the reader is slow: wait for it before the next write. */
  stdout(data: string | Uint8Array): void | Promise<void>;
  stderr(data: string | Uint8Array): void | Promise<void>;
  readonly stdoutIsTerminal: boolean;
  readonly stderrIsTerminal: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Aborted when the program is asked to end. */
  readonly signal: AbortSignal;
}
