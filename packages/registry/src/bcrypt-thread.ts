// SPDX-License-Identifier: Apache-2.0
import { Worker } from 'node:worker_threads';
import { specError } from './spec-error.ts';

/** What the thread is asked. */
export interface BcryptQuestion {
  readonly id: number;
  readonly password: string;
  readonly hash: string;
}

export interface BcryptAnswer {
  readonly id: number;
  readonly right: boolean;
}

/** Says whether a password is the one that a hash was made of. */
export type VerifyBcrypt = (password: string, hash: string) => Promise<boolean>;

/** More than this would be answered after their clients have given up. */
const mostWaiting = 128;

let thread:
  | { readonly worker: Worker; readonly waiting: Map<number, PromiseWithResolvers<boolean>> }
  | undefined;
let lastId = 0;

/**
 * Runs bcrypt on a thread, one for the whole process, which is started for the first password and does not keep
 * the process alive. Whoever floods it with passwords finds it closed, and the rest of the registry at work.
 *
 * @throws TOOMANYREQUESTS when too many passwords wait already
 */
export const verifyBcrypt: VerifyBcrypt = (password, hash) => {
  thread ??= startThread();
  const { worker, waiting } = thread;
  if (waiting.size >= mostWaiting) throw specError('TOOMANYREQUESTS', 'too many logins at once');
  lastId += 1;
  const answer = Promise.withResolvers<boolean>();
  waiting.set(lastId, answer);
  const question: BcryptQuestion = { id: lastId, password, hash };
  worker.postMessage(question);
  return answer.promise;
};

function startThread(): NonNullable<typeof thread> {
  const isSource = import.meta.url.endsWith('.ts');
  const worker = new Worker(
    new URL(isSource ? './bcrypt.worker.ts' : './bcrypt.worker.js', import.meta.url),
    {
      execArgv: isSource ? ['--conditions=@lading/source', '--disable-warning=ExperimentalWarning'] : [],
    },
  );
  const waiting = new Map<number, PromiseWithResolvers<boolean>>();
  worker.on('message', ({ id, right }: BcryptAnswer) => {
    waiting.get(id)?.resolve(right);
    waiting.delete(id);
  });
  worker.on('error', (error) => {
    thread = undefined;
    for (const { reject } of waiting.values()) reject(error);
  });
  worker.unref();
  return { worker, waiting };
}
