// SPDX-License-Identifier: Apache-2.0
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type CommandCall, usageError } from '@lading/command-line';
import type { ContainerInfo, Engine } from '@lading/engine';
import { Code, LadingError } from '@lading/errors';
import { openSource } from '@lading/image-copy';
import {
  appendLayers,
  flattenImage,
  type ImageChanges,
  layerFromTar,
  mutateImage,
  readImage,
} from '@lading/image-edit';
import { containerEvent } from '../container/container-event.ts';
import { withEngine } from '../engine.ts';
import { storeImage } from '../images/store-image.ts';
import { parseImageChanges } from '../options/image-changes.ts';

export async function run(call: CommandCall): Promise<number> {
  const { args, flags, environment } = call;
  const [ref = '', name] = args;
  const changes = parseImageChanges(flags.strings('change'));
  const format = flags.string('format') ?? 'oci';
  if (format !== 'oci' && format !== 'docker') {
    throw usageError(`unrecognized image format ${JSON.stringify(format)}: use oci or docker`);
  }
  const id = await withEngine(call, async (engine) => {
    const container = await engine.containers.inspect(ref);
    const pauses = flags.boolean('pause') && container.status === 'running';
    if (pauses) await engine.containers.pause(container.id);
    try {
      const made = await commit(call, engine, container, {
        name,
        changes: { ...changes, format: format === 'oci' ? 'oci' : 'v2s2' },
      });
      engine.tell(containerEvent('commit', container));
      return made;
    } finally {
      if (pauses) await engine.containers.unpause(container.id);
    }
  });
  const idFile = flags.string('iidfile');
  if (idFile) await writeFile(resolve(environment.cwd, idFile), id);
  await environment.stdout(`${id}\n`);
  return 0;
}

async function commit(
  { flags, environment: { signal } }: CommandCall,
  engine: Engine,
  container: ContainerInfo,
  { name, changes }: { readonly name: string | undefined; readonly changes: ImageChanges },
): Promise<string> {
  const { store } = engine;
  const created = new Date();
  const message = flags.string('message') || undefined;
  const author = flags.string('author') || undefined;
  if (container.options.rootfs !== undefined) {
    throw new LadingError(
      Code.FailedPrecondition,
      `cannot commit a container that uses an exploded rootfs: make an image of ${container.options.rootfs.path} by "lading import"`,
    );
  }
  const source = await openSource(`containers-storage:@${container.imageId}`, { store: async () => store });
  try {
    const history = {
      created: created.toISOString(),
      created_by: '/bin/sh',
      ...(author === undefined ? {} : { author }),
      comment: message ?? `FROM ${container.imageName}`,
    };
    const options = { compression: 'none', history, signal } as const;
    await using layer = await layerFromTar(store.containers.diff(container.id, { signal }), options);
    const whole = await appendLayers(await readImage(source, { signal }), [layer]);
    await using squashed = flags.boolean('squash') ? await flattenImage(whole, options) : undefined;
    const own = await mutateImage(squashed ?? whole, {
      ...configOf(container),
      volumes: await volumesOf(engine, container, flags.boolean('include-volumes')),
      created,
      ...(author === undefined ? {} : { author }),
    });
    return await storeImage(engine, await mutateImage(own, changes), name, signal);
  } finally {
    await source.close();
  }
}

/** What the container was told beside its image, which the new image then says. */
function configOf({ options }: ContainerInfo): ImageChanges {
  const { entrypoint, command, env, labels, user, workdir } = options;
  return {
    ...(entrypoint === undefined ? {} : { entrypoint }),
    ...(command === undefined || command.length === 0 ? {} : { cmd: command }),
    ...(env === undefined ? {} : { env }),
    ...(labels === undefined ? {} : { labels }),
    ...(user === undefined ? {} : { user }),
    ...(workdir === undefined ? {} : { workingDir: workdir }),
  };
}

/** Volumes that were made for the container alone are the image's too; others, and other mounts, where that is wanted. */
async function volumesOf(
  { volumes }: Engine,
  { options: { mounts = [] } }: ContainerInfo,
  all: boolean,
): Promise<Readonly<Record<string, boolean>>> {
  const known = new Map((await volumes.list()).map(({ name, anonymous }) => [name, anonymous]));
  const isOwn = (mount: (typeof mounts)[number]): boolean =>
    mount.type === 'volume' && (mount.name === undefined || known.get(mount.name) === true);
  return Object.fromEntries(
    mounts.filter((mount) => all || isOwn(mount)).map(({ target }) => [target, true] as const),
  );
}
