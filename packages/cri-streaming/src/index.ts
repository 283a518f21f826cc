// SPDX-License-Identifier: Apache-2.0
export type { StreamingServer, StreamingServerOptions } from './server.ts';
export { startStreamingServer } from './server.ts';
export type { StreamingTls } from './tls.ts';
export { createTlsServer } from './tls.ts';
export type {
  AttachStreaming,
  ExecStreaming,
  PortForwarding,
  ProcessStreams,
  Sink,
  StreamsWanted,
  TerminalSize,
} from './types.ts';
