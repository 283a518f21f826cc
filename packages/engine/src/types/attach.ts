// SPDX-License-Identifier: Apache-2.0

/** Takes bytes as they come; a promise that is returned holds the sender back. */
export type Sink = (chunk: Uint8Array) => void | Promise<void>;

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

export interface AttachStreams {
  readonly stdin?: AsyncIterable<Uint8Array>;
  /** With a terminal all output comes here. */
  readonly stdout?: Sink;
  readonly stderr?: Sink;
  /** Bytes on stdin that end the attachment and leave the container, or the process of an exec, running; default none. */
  readonly detachSequence?: Uint8Array;
}

/** A live connection to a container's streams. */
export interface Attachment {
  /** Resolves when the container has ended its output, or the client has left. */
  readonly done: Promise<'ended' | 'detached'>;
  resize(size: { readonly columns: number; readonly rows: number }): Promise<void>;
  /** Leaves; the container goes on. */
  close(): void;
}
