// SPDX-License-Identifier: Apache-2.0
import { parentPort } from 'node:worker_threads';
import { type ArchiveJob, startArchiveJob } from './archive-job.ts';
import type { FromArchiver, ToArchiver } from './archive-messages.ts';
import { failureOf } from './thread-failure.ts';

const port = parentPort;
if (port === null) throw new Error('this file is the entry of a worker thread');
const send = (message: FromArchiver, lent: ArrayBuffer[] = []): void => port.postMessage(message, lent);

const jobs = new Map<number, ArchiveJob>();

port.on('message', (message: ToArchiver) => {
  const { job } = message;
  if (message.type === 'open') {
    const started = startArchiveJob(message.request, (bytes, size) =>
      send({ job, type: 'piece', bytes, size }, [bytes]),
    );
    jobs.set(job, started);
    started.done.then(
      () => send({ job, type: 'end' }),
      (cause: unknown) => send({ job, ...failureOf(cause) }),
    );
  } else if (message.type === 'wanted') jobs.get(job)?.want(message.bytes);
  else {
    jobs.get(job)?.stop();
    jobs.delete(job);
  }
});
