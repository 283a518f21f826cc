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
  /**
   * Takes signals over (`SIGINT`, `SIGTERM`, …): while a listener is there, they do not abort `signal`.
   * Returns what ends it. Absent where there are no signals.
   */
  readonly onSignal?: (listener: (name: string) => void) => () => void;
  /** Present when stdin is a terminal that can be switched to raw mode. */
  readonly terminal?: Terminal;
  /** The words that start this program again, for helpers that call back. */
  readonly self?: readonly string[];
}

/** The terminal of the user. */
export interface Terminal {
  size(): { readonly columns: number; readonly rows: number } | undefined;
  /** Raw: every key goes to the reader of stdin, Ctrl-C included. */
  setRawMode(raw: boolean): void;
  /** Returns what ends it. */
  onResize(listener: () => void): () => void;
}
