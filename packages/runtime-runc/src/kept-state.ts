// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LadingError } from '@lading/errors';
import type { LiveProcess } from './live-process.ts';

/** What runc keeps of a container in its folder of the root, `state.json`. */
export interface KeptState {
  readonly folder: string;
  readonly first: LiveProcess;
  /** Folders of its control groups, one a hierarchy. */
  readonly cgroups: readonly string[];
}

/** The fields that are read, and those by which a container is told that takes more than is done here. */
interface Fields {
  readonly init_process_pid?: unknown;
  readonly init_process_start?: unknown;
  readonly rootless?: unknown;
  readonly intel_rdt_path?: unknown;
  readonly cgroup_paths?: unknown;
  readonly config?: {
    readonly cgroups?: { readonly Systemd?: unknown };
    readonly namespaces?: readonly { readonly type?: unknown; readonly path?: unknown }[];
    readonly Hooks?: Readonly<Record<string, readonly unknown[] | null>> | null;
  };
}

/**
 * The state of a container that is plain: of root, in a pid namespace of its own, in control groups that no systemd has
 * made, and without hooks. Undefined for others, and where there is none in the form of runc 1.1: the program knows what
 * to do.
 */
export function readKeptState(root: string, id: string): KeptState | undefined {
  const folder = join(root, id);
  const fields = readFields(join(folder, 'state.json'));
  const { init_process_pid: pid, init_process_start: ticks, config, cgroup_paths: groups } = fields ?? {};
  if (typeof pid !== 'number' || pid <= 0 || typeof ticks !== 'number' || ticks <= 0) return undefined;
  if (fields?.rootless !== false || fields.intel_rdt_path !== '' || config?.cgroups?.Systemd !== false)
    return undefined;
  if (!config.namespaces?.some(({ type, path }) => type === 'NEWPID' && path === '')) return undefined;
  if (Object.values(config.Hooks ?? {}).some((hooks) => hooks !== null && hooks.length > 0)) return undefined;
  if (typeof groups !== 'object' || groups === null) return undefined;
  const cgroups = Object.values(groups).filter((path) => typeof path === 'string' && path !== '');
  return { folder, first: { pid, startTicks: String(ticks) }, cgroups };
}

/** The folders of its control groups by controller, where runc has told them; that of version 2 has no name. */
export function readCgroupFolders(root: string, id: string): ReadonlyMap<string, string> {
  const groups = readFields(join(root, id, 'state.json'))?.cgroup_paths;
  if (typeof groups !== 'object' || groups === null) return new Map();
  return new Map(
    Object.entries(groups).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

function readFields(path: string): Fields | undefined {
  try {
    const value: Fields | null = JSON.parse(readFileSync(path, 'utf8'));
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch (cause) {
    const error = LadingError.from(cause);
    // One that is cut off is left to the program, which says so.
    if (error.reason === 'ENOENT' || cause instanceof SyntaxError) return undefined;
    throw error;
  }
}
