// SPDX-License-Identifier: Apache-2.0
import { basename } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { encodeJson, parseFeatures, parseState, type State } from '@lading/oci-spec';
import { attachContainer } from './attach.ts';
import { checkpointContainer } from './checkpoint.ts';
import { checkContainerId } from './container-id.ts';
import { reopenLogFile, resizeTerminal } from './control.ts';
import { createContainer } from './create.ts';
import { deleteEnded } from './delete-ended.ts';
import { execInContainer } from './exec.ts';
import { execSyncInContainer } from './exec-sync.ts';
import { forgetContainer, readExitFile } from './exit-file.ts';
import { findProgram } from './find-program.ts';
import { type ContainerFolders, foldersOf, workFolderOf } from './folders.ts';
import { type KeptState, readKeptState } from './kept-state.ts';
import { killFirst } from './kill-first.ts';
import { letGo } from './let-go.ts';
import { readMonitorNote } from './monitor-note.ts';
import { setOtherLimits } from './other-limits.ts';
import { createRuntimeCommand } from './runtime-command.ts';
import { signalWord } from './signal-word.ts';
import { createStartTurns } from './start-turns.ts';
import type { RuncRuntime, RuncRuntimeOptions } from './types.ts';
import { waitForExit } from './wait-exit.ts';
import { watchExits } from './watch-exits.ts';

/** As CRI-O waits for a container to be made: hooks take their time, and machines are busy. */
const defaultTimeoutMs = 240_000;

/**
 * A driver for runc, and for every runtime with its command line. Nothing of a container is kept in memory: another
 * process that is given the same folders sees the same containers.
 *
 * @example
 * ```ts
 * const runtime = createRuncRuntime({ root: '/run/lading/runc', exitDir: '/run/lading/exits' });
 * console.log(await runtime.version());
 * ```
 */
export function createRuncRuntime(options: RuncRuntimeOptions): RuncRuntime {
  const {
    root,
    exitDir,
    conmonPath = 'conmon',
    monitorEnv = {},
    systemdCgroup = false,
    timeoutMs = defaultTimeoutMs,
  } = options;
  const command = createRuntimeCommand({
    root,
    systemdCgroup,
    runtimePath: options.runtimePath ?? 'runc',
    extraArgs: options.extraArgs ?? [],
    workFolder: workFolderOf(exitDir),
    timeoutMs,
  });
  // One of another name may do more than runc does.
  const isRunc = basename(options.runtimePath ?? 'runc') === 'runc';
  const turns = createStartTurns();
  const conmon = () => findProgram(conmonPath, 'conmon');

  async function call(
    verb: string,
    id: string,
    args: readonly string[] = [],
    input?: Uint8Array,
  ): Promise<string> {
    checkContainerId(id);
    return command.run({ verb, id }, args, input);
  }

  function folders(id: string): ContainerFolders {
    checkContainerId(id);
    return foldersOf(exitDir, id);
  }

  /** What runc's own calls would read, for those that are done without starting it. */
  function plain(id: string): KeptState | undefined {
    checkContainerId(id);
    return isRunc ? readKeptState(root, id) : undefined;
  }

  async function state(id: string): Promise<State | undefined> {
    try {
      return parseState(await call('state', id, [id]));
    } catch (error) {
      if (isUnknown(error)) return undefined;
      throw error;
    }
  }

  return {
    async version() {
      const [, version] = / version (\S+)/.exec(await command.run({ verb: '--version' }, [])) ?? [];
      if (version !== undefined) return version;
      throw new LadingError(Code.Internal, `${await command.path()} --version names no version`);
    },
    async check() {
      await Promise.all([command.path(), conmon()]);
    },
    async features() {
      try {
        return parseFeatures(await command.run({ verb: 'features' }, []));
      } catch (error) {
        // runc before 1.1 does not know the command.
        if (error instanceof LadingError && error.reason === 'RUNTIME_FAILED') return undefined;
        throw error;
      }
    },
    async create(request) {
      checkContainerId(request.id);
      return createContainer(
        { command, conmon, root, exitDir, monitorEnv, systemdCgroup, timeoutMs },
        request,
      );
    },
    async start(id) {
      const kept = plain(id);
      // The monitor may still be at the first size of a terminal, which the process is to find: the program takes longer.
      const isHasty = kept !== undefined && readMonitorNote(folders(id).monitorFile)?.terminal === true;
      if (kept === undefined || isHasty || !(await letGo(kept, { id, timeoutMs })))
        await call('start', id, [id]);
    },
    state,
    async list() {
      const value: unknown = JSON.parse(await command.run({ verb: 'list' }, ['--format=json']));
      // An empty list is null.
      return Array.isArray(value) ? value.map((item: object) => parseState(item)) : [];
    },
    async kill(id, signal, { all = false } = {}) {
      const word = signalWord(signal);
      const kept = all ? undefined : plain(id);
      if (kept !== undefined && killFirst(kept, word)) return;
      await call('kill', id, [...(all ? ['--all'] : []), id, word]);
    },
    async delete(id, { force = false } = {}) {
      const kept = plain(id);
      if (kept !== undefined && (await deleteEnded(kept))) return;
      try {
        await call('delete', id, [...(force ? ['--force'] : []), id]);
      } catch (error) {
        if (!isUnknown(error)) throw error;
      }
    },
    async pause(id) {
      await call('pause', id, [id]);
    },
    async resume(id) {
      await call('resume', id, [id]);
    },
    async processes(id) {
      const pids: unknown = JSON.parse(await call('ps', id, ['--format=json', id]));
      return Array.isArray(pids) ? pids.filter((pid) => typeof pid === 'number') : [];
    },
    async update(id, resources) {
      await call('update', id, ['--resources=-', id], encodeJson(resources));
      await setOtherLimits(root, id, resources);
    },
    async checkpoint(id, request) {
      checkContainerId(id);
      await checkpointContainer(command, id, request);
    },
    async exec(id, request) {
      checkContainerId(id);
      const start = (started: () => void) => execInContainer(command, id, request, started);
      return turns.take(id, start, request.signal);
    },
    async execSync(id, request) {
      checkContainerId(id);
      // Probes do not stand behind people.
      const start = (started: () => void) => execSyncInContainer(command, id, request, started);
      return turns.take(`${id} sync`, start, request.signal);
    },
    async attach(id, bundle, streams, attachOptions) {
      checkContainerId(id);
      return attachContainer(bundle, streams, attachOptions);
    },
    async resize(id, bundle, size) {
      checkContainerId(id);
      await resizeTerminal(bundle, size);
    },
    async reopenLog(id, bundle) {
      const note = readMonitorNote(folders(id).monitorFile);
      if (note?.logPath === undefined) {
        throw new LadingError(Code.NotFound, `nothing is known of a log of container ${id}`, {
          reason: 'CONTAINER_UNKNOWN',
        });
      }
      await reopenLogFile(bundle, note.logPath);
    },
    waitExit: async (id, waitOptions = {}) => waitForExit(folders(id), () => state(id), waitOptions),
    exitStatus: async (id) => readExitFile(folders(id)),
    watchExits: (listener) => watchExits(options.exitDir, listener),
    forget: async (id) => forgetContainer(folders(id)),
  };
}

function isUnknown(error: unknown): boolean {
  return error instanceof LadingError && error.reason === 'CONTAINER_UNKNOWN';
}
