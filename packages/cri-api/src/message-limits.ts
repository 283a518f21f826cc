// SPDX-License-Identifier: Apache-2.0
import type { ChannelOptions } from '@grpc/grpc-js';

const defaultMaxMessageBytes = 16 << 20;

/**
 * Options of a grpc-js server or client that limit each message, to 16 MiB unless said otherwise, as the
 * kubelet has it: `new Server(messageLimits())`. grpc-js alone takes no more than 4 MiB, and sends anything.
 */
export function messageLimits(maxMessageBytes: number = defaultMaxMessageBytes): ChannelOptions {
  return {
    'grpc.max_receive_message_length': maxMessageBytes,
    'grpc.max_send_message_length': maxMessageBytes,
  };
}
