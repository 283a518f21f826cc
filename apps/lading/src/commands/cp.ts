// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import type { ContainerFiles, Engine } from '@lading/engine';
import { Code, LadingError } from '@lading/errors';
import { applyLayer, type LayerSource } from '@lading/layer';
import { packPlace } from '../cp/pack-place.ts';
import { type CopyArgument, findPlace, found, parseCopyArgument, targetOf } from '../cp/place.ts';
import { withEngine } from '../engine.ts';

type Files = ContainerFiles | undefined;

export async function run(call: CommandCall): Promise<number> {
  const [from, to] = [parseCopyArgument(call.args[0] ?? ''), parseCopyArgument(call.args[1] ?? '')];
  if (from.kind !== 'container' && to.kind !== 'container') {
    throw usageError('invalid arguments: one of the two must be CONTAINER:PATH');
  }
  const copy = (source: Files, destination: Files) => copyFiles(call, from, to, source, destination);
  await withEngine(call, (engine) => withBoth(engine, from, to, call.environment.signal, copy));
  return 0;
}

/** Both may be the same container, which can be held once. */
async function withBoth(
  { containers }: Engine,
  from: CopyArgument,
  to: CopyArgument,
  signal: AbortSignal,
  copy: (source: Files, destination: Files) => Promise<void>,
): Promise<void> {
  const idOf = async (argument: CopyArgument): Promise<string | undefined> =>
    argument.kind === 'container' ? (await containers.inspect(argument.ref)).id : undefined;
  const [source, destination] = [await idOf(from), await idOf(to)];
  const held = source ?? destination ?? '';
  await containers.withFiles(
    held,
    async (files) => {
      if (source === undefined) await copy(undefined, files);
      else if (destination === undefined) await copy(files, undefined);
      else if (source === destination) await copy(files, files);
      else await containers.withFiles(destination, (other) => copy(files, other), { signal });
    },
    { signal },
  );
}

async function copyFiles(
  call: CommandCall,
  from: CopyArgument,
  to: CopyArgument,
  source: Files,
  destination: Files,
): Promise<void> {
  const { environment } = call;
  const { cwd, signal } = environment;
  const options = { idMaps: source?.idMaps, signal };
  if (from.kind === 'stdio') {
    if (environment.stdinIsTerminal) throw usageError('cannot copy from a terminal: pipe a tar archive in');
    if (to.kind === 'stdio') return;
    const place = await findPlace(to, destination, cwd);
    if (place.real === undefined || !place.stat?.isDirectory()) {
      throw new LadingError(
        Code.FailedPrecondition,
        'destination must be a directory when copying from stdin',
      );
    }
    return unpack(call, environment.stdin, place.real, destination);
  }
  const place = found(await findPlace(from, source, cwd));
  if (to.kind === 'stdio') {
    if (environment.stdoutIsTerminal) throw usageError('cannot copy to a terminal: redirect the tar archive');
    for await (const chunk of packPlace(place, place.contents ? '' : place.name, options)) {
      await environment.stdout(chunk);
    }
    return;
  }
  const target = targetOf(place, await findPlace(to, destination, cwd));
  await unpack(call, packPlace(place, target.name, options), target.folder, destination);
}

async function unpack(
  { flags, environment }: CommandCall,
  archive: LayerSource,
  folder: string,
  destination: Files,
): Promise<void> {
  const { getuid = () => 0, getgid = () => 0 } = process;
  const mine = { uid: getuid(), gid: getgid() };
  try {
    await applyLayer(archive, folder, {
      signal: environment.signal,
      whiteouts: 'none',
      replaceKinds: flags.boolean('overwrite'),
      ...(flags.boolean('archive') && { owner: destination?.user ?? mine }),
      ...destination?.idMaps,
      limits: { ratioFromBytes: 2 ** 40 },
    });
  } catch (cause) {
    const error = LadingError.from(cause);
    if (error.reason !== 'KIND_CHANGES') throw error;
    throw new LadingError(
      error.code,
      `${error.message.replace(/^tar: /, '')}; --overwrite lets files and directories take each other's places`,
      { cause },
    );
  }
}
