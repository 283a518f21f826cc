// SPDX-License-Identifier: Apache-2.0
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProcessSpec, RuntimeHandler, RuntimeModuleOptions } from '@lading/engine';
import { encodeJson, parseSpec, type Spec } from '@lading/oci-spec';
import { createRuncRuntime } from '@lading/runtime-runc';
import { findNode, wasiFolder } from './find-node.ts';

/**
 * A handler for images whose entry point is a WebAssembly module. It is runc's, but for two things: a bundle gets
 * Node.js mounted into it, and a process whose command ends in `.wasm` becomes Node.js running that module. So the
 * module has all that a container has: namespaces, control groups, seccomp, mounts, logs, exec.
 */
export function createRuntimeHandler({ root, exitDir, conmonPath }: RuntimeModuleOptions): RuntimeHandler {
  const runc = createRuncRuntime({ root, exitDir, ...(conmonPath !== undefined && { conmonPath }) });
  return {
    ...runc,
    async create(request) {
      await editFile(join(request.bundle, 'config.json'), withNode);
      return runc.create(request);
    },
    exec: (id, request) => runc.exec(id, { ...request, process: throughNode(request.process) }),
    execSync: (id, request) => runc.execSync(id, { ...request, process: throughNode(request.process) }),
  };
}

function withNode(spec: Spec): Spec {
  const { process, mounts = [] } = spec;
  if (process === undefined || !isModule(process)) return spec;
  const added = findNode().mounts.map(({ source, destination }) => ({
    destination,
    source,
    type: 'bind',
    options: ['bind', 'ro', 'nosuid', 'nodev'],
  }));
  return { ...spec, mounts: [...mounts, ...added], process: throughNode(process) };
}

function throughNode(process: ProcessSpec): ProcessSpec {
  const { args = [] } = process;
  if (!isModule(process)) return process;
  return { ...process, args: [...findNode().command, join(wasiFolder, 'run-module.mts'), ...args] };
}

function isModule({ args = [] }: ProcessSpec): boolean {
  return args[0]?.endsWith('.wasm') === true;
}

async function editFile(file: string, edit: (spec: Spec) => Spec): Promise<void> {
  await writeFile(file, encodeJson(edit(parseSpec(await readFile(file)))));
}
