// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startDockerRegistry } from '../tools/test-support/docker-registry.ts';
import { crane, forgetfulSkopeo, ladingCopy, skopeo } from './copiers.ts';
import { pushLargeImage } from './large-image.ts';
import type { Benchmark, Contender, Race } from './measure.ts';

const fromPlain = '--src-tls-verify=false';
const toPlain = '--dest-tls-verify=false';

/**
 * lading-copy as a program against skopeo and crane: an image of 130 MB between two of Debian's docker-registry, an
 * OCI layout and an archive, all on a tmpfs; and what takes no time but the program's own.
 */
export const copyBenchmark: Benchmark = {
  async start() {
    await using stack = new AsyncDisposableStack();
    const folder = await mkdtemp('/dev/shm/lading-bench-');
    stack.defer(() => rm(folder, { recursive: true, force: true }));
    const from = stack.use(await startDockerRegistry({ parent: folder }));
    const to = stack.use(await startDockerRegistry({ parent: folder }));
    const image = await pushLargeImage(from.host, folder, 4);
    const archive = join(folder, 'image.tar');
    const archived = `docker-archive:${archive}:bench/large:1`;
    const [program = '', ...args] = skopeo(['copy', fromPlain, `docker://${image}`, archived]).command;
    await promisify(execFile)(program, args);

    const layout = join(folder, 'layout');
    const anew = (contender: Contender): Contender => ({
      ...contender,
      prepare: () => rm(layout, { recursive: true, force: true }),
    });
    const toLayout: Race = {
      name: 'copy-to-layout',
      about: 'an image with 4 layers of 130 MB in all, from a registry to an OCI layout',
      lading: anew(ladingCopy(['copy', '-q', fromPlain, `docker://${image}`, `oci:${layout}:1`])),
      peers: [
        anew(skopeo(['copy', '-q', fromPlain, `docker://${image}`, `oci:${layout}:1`])),
        ...crane(['pull', '--insecure', '--format=oci', image, layout]).map(anew),
      ],
      rounds: 9,
    };

    let copies = 0;
    /** Into a repository that is new in each round. */
    const fresh = (make: (reference: string) => Contender): Contender => ({
      ...make(''),
      get command() {
        return make(`${to.host}/bench/copy-${copies}:1`).command;
      },
      async prepare() {
        copies += 1;
      },
    });
    const withCrane = (make: (reference: string) => readonly string[]): readonly Contender[] =>
      crane([]).map(({ name, env }) =>
        fresh((reference) => ({ name, env, command: ['crane', ...make(reference)] })),
      );
    const between: Race = {
      name: 'copy-between-registries',
      about: 'the same image to a repository of another registry that has none of it',
      lading: fresh((reference) =>
        ladingCopy(['copy', '-q', fromPlain, toPlain, `docker://${image}`, `docker://${reference}`]),
      ),
      peers: [
        fresh((reference) =>
          forgetfulSkopeo(['copy', '-q', fromPlain, toPlain, `docker://${image}`, `docker://${reference}`]),
        ),
        ...withCrane((reference) => ['copy', '--insecure', image, reference]),
      ],
      rounds: 9,
    };
    const fromArchive: Race = {
      name: 'copy-from-archive',
      about: 'the same image from a docker-archive to a registry, its layers to be compressed',
      lading: fresh((reference) => ladingCopy(['copy', '-q', toPlain, archived, `docker://${reference}`])),
      peers: [
        fresh((reference) => forgetfulSkopeo(['copy', '-q', toPlain, archived, `docker://${reference}`])),
        ...withCrane((reference) => ['push', '--insecure', archive, reference]),
      ],
      rounds: 5,
    };

    const inspect = ['inspect', '--tls-verify=false', `docker://${image}`];
    const inspected: Race = {
      name: 'copy-inspect',
      about: 'inspect of an image in a registry',
      lading: ladingCopy(inspect),
      peers: [skopeo(inspect)],
      rounds: 20,
    };
    const version: Race = {
      name: 'copy-version',
      about: '--version: the start of the program',
      lading: ladingCopy(['--version']),
      peers: [
        skopeo(['--version']),
        { name: 'node', command: [process.execPath, '--eval', '0'], env: process.env },
      ],
      rounds: 20,
    };

    const owned = stack.move();
    return {
      races: [toLayout, between, fromArchive, inspected, version],
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    };
  },
};
