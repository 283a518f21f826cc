// SPDX-License-Identifier: Apache-2.0
import { connectSpdy } from './spdy-client.ts';
import { connectWebSocket } from './websocket-client.ts';

/** A client of an exec that says its words again: says one, gets it back, and leaves when it is told to. */
export interface ExecMember {
  say(word: string): Promise<void>;
  /** Ends its input; gives the status. */
  leave(): Promise<string>;
}

export async function overWebSocket(url: string): Promise<ExecMember> {
  const client = await connectWebSocket(url, ['v5.channel.k8s.io']);
  return {
    say(word) {
      client.send(0, word);
      return client.until(() => client.text(1).endsWith(word));
    },
    async leave() {
      client.socket.send(Buffer.from([255, 0]));
      await client.closed;
      return client.text(3);
    },
  };
}

export async function overSpdy(url: string): Promise<ExecMember> {
  const client = await connectSpdy(url, ['v4.channel.k8s.io']);
  const [error = 0, stdin = 0, stdout = 0] = ['error', 'stdin', 'stdout', 'stderr'].map((streamtype) =>
    client.open({ streamtype }),
  );
  return {
    say(word) {
      client.send(stdin, word);
      return client.until(() => client.text(stdout).endsWith(word));
    },
    async leave() {
      client.send(stdin, '', true);
      await client.until(() => client.events.includes('goaway'));
      await client.closed;
      return client.text(error);
    },
  };
}
