// SPDX-License-Identifier: Apache-2.0
import { parentPort } from 'node:worker_threads';
import { compareSync } from 'bcryptjs';
import type { BcryptAnswer, BcryptQuestion } from './bcrypt-thread.ts';

// Tens of milliseconds a password, of which the thread that serves requests is not to feel anything.

const port = parentPort;
if (port === null) throw new Error('this file is the entry of a worker thread');
port.on('message', ({ id, password, hash }: BcryptQuestion) => {
  const answer: BcryptAnswer = { id, right: compareSync(password, hash) };
  port.postMessage(answer);
});
