// SPDX-License-Identifier: Apache-2.0

/** One line of a log, without its line end. */
export interface LogEntry {
  /** As the monitor wrote it: RFC 3339 with nanoseconds. */
  readonly time: string;
  readonly stream: 'stdout' | 'stderr';
  /** The bytes of the line; at most 1 MiB a piece. */
  readonly text: Uint8Array;
  /** True when the line goes on in the next entry of the same stream, or was never ended. */
  readonly partial: boolean;
}

export interface LogOptions {
  /** Go on until the container has ended. Default false. */
  readonly follow?: boolean;
  /** Only the last lines; 0 for none. */
  readonly tail?: number;
  readonly since?: Date;
  readonly until?: Date;
  readonly signal?: AbortSignal;
}
