// SPDX-License-Identifier: Apache-2.0
import { closeSync } from 'node:fs';
import { Code, LadingError } from '@lading/errors';
import { call, callAside, callRaw, systemError } from '../libc.ts';
import { inNetworkNamespace } from '../namespaces.ts';
import { decodeMessages, encodeMessage, type NetlinkMessage } from './message.ts';

/** What is asked of the kernel. */
interface NetlinkRequest {
  /** For messages of errors: what is done to what. */
  readonly what: string;
  readonly type: number;
  /** Beside those that make it a request. */
  readonly flags?: number;
  readonly body: readonly Buffer[];
}

/** A socket of rtnetlink. One request at a time. */
export interface NetlinkSocket extends Disposable {
  /**
   * @returns the messages that answer it
   * @throws LadingError with the errno's name as reason
   */
  ask(request: NetlinkRequest): Promise<readonly NetlinkMessage[]>;
}

const netlink = 16; // AF_NETLINK
const raw = 3 | 0o2000000; // SOCK_RAW, close on exec
const route = 0; // NETLINK_ROUTE
const dontWait = 0x40; // MSG_DONTWAIT
const truncate = 0x20; // MSG_TRUNC: the result is the length of the whole
/** The kernel fills at most 32 KiB at a time. */
const answerBytes = 64 << 10;

const requestFlag = 0x1;
const ackFlag = 0x4;
/** NLM_F_ROOT and NLM_F_MATCH: all that there are. */
export const dumpFlags = 0x300;
const errorType = 2;
const doneType = 3;

/** @param netnsPath a network namespace; default: that of this process */
export function openNetlink(netnsPath?: string): NetlinkSocket {
  const open = (): number => call('for network interfaces', 'socket', netlink, raw, route);
  const fd = netnsPath === undefined ? open() : inNetworkNamespace(netnsPath, open);
  const answer = Buffer.alloc(answerBytes);
  let sequence = 0;

  function receive(what: string): readonly NetlinkMessage[] {
    const size = callRaw('recv', fd, answer, answer.length, dontWait | truncate);
    if (size < 0) throw systemError(what, -size);
    if (size > answer.length) throw fault(what, `an answer of ${size} bytes`);
    // They are kept longer than the next answer takes to come.
    return decodeMessages(Buffer.from(answer.subarray(0, size)));
  }

  return {
    async ask({ what, type, flags = 0, body }) {
      sequence += 1;
      const isDump = (flags & dumpFlags) === dumpFlags;
      const bytes = encodeMessage(type, requestFlag | (isDump ? 0 : ackFlag) | flags, sequence, body);
      // The kernel does it while it takes the message, and may have to wait for others: not on the main thread.
      if ((await callAside('send', fd, bytes, bytes.length, 0)) !== bytes.length)
        throw fault(what, 'the request could not be sent');
      const found: NetlinkMessage[] = [];
      for (;;) {
        for (const message of receive(what).filter((one) => one.sequence === sequence)) {
          if (message.type === doneType) return found;
          if (message.type !== errorType) found.push(message);
          else if (message.body.readInt32LE(0) === 0) return found;
          else throw systemError(what, -message.body.readInt32LE(0));
        }
      }
    },
    [Symbol.dispose]: () => closeSync(fd),
  };
}

function fault(what: string, why: string): LadingError {
  return new LadingError(Code.Internal, `${what}: ${why}`);
}
