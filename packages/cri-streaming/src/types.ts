// SPDX-License-Identifier: Apache-2.0
import type { Duplex } from 'node:stream';

/** Takes bytes as they come; its promise holds the sender back while the client is slow. */
export type Sink = (chunk: Uint8Array) => Promise<void>;

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** The streams of a process in a container, at the client's end. */
export interface ProcessStreams {
  /** Ends when the client closes its side, and when it has gone. */
  readonly stdin?: AsyncIterable<Uint8Array>;
  /** With a terminal all output goes here. */
  readonly stdout?: Sink;
  readonly stderr?: Sink;
  /** The sizes that the client's terminal takes on, its first one included. */
  readonly resizes?: AsyncIterable<TerminalSize>;
  /** Aborts when the client has gone, and when nothing has moved for too long. */
  readonly signal: AbortSignal;
}

/** Which streams there are. `tty` and `stderr` exclude each other. */
export interface StreamsWanted {
  readonly stdin?: boolean;
  readonly stdout?: boolean;
  readonly stderr?: boolean;
  readonly tty?: boolean;
}

export interface ExecStreaming extends StreamsWanted {
  /** Runs the process to its end. What it throws is told to the client in the words of its message. */
  readonly run: (streams: ProcessStreams) => Promise<{ readonly exitCode: number }>;
}

export interface AttachStreaming extends StreamsWanted {
  /** Connects the client until the container has ended, or the signal aborts. */
  readonly run: (streams: ProcessStreams) => Promise<void>;
}

export interface PortForwarding {
  /** Ports that a client without SPDY can reach: one of WebSocket names none itself. Default none. */
  readonly ports?: readonly number[];
  /** Connects to a port (1-65535) inside the sandbox. */
  readonly dial: (port: number, signal: AbortSignal) => Promise<Duplex>;
}
