// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Code, LadingError } from '@lading/errors';
import type { RuntimeHandler, RuntimeModule, RuntimeModuleOptions } from '../types/runtime-handler.ts';

/** A runtime is a program with runc's command line, or a module when its path says so. */
export async function loadRuntime(path: string, options: RuntimeModuleOptions): Promise<RuntimeHandler> {
  if (/\.[cm]?[jt]s$/.test(path)) return loadModule(path, options);
  const { createRuncRuntime } = await import('@lading/runtime-runc');
  const { root, exitDir, conmonPath, monitorEnv, timeoutMs } = options;
  return createRuncRuntime({
    runtimePath: path,
    root,
    exitDir,
    monitorEnv,
    timeoutMs,
    ...(conmonPath !== undefined && { conmonPath }),
  });
}

async function loadModule(path: string, options: RuntimeModuleOptions): Promise<RuntimeHandler> {
  const refused = (what: string, cause?: unknown): LadingError =>
    new LadingError(Code.InvalidArgument, `the runtime ${options.name}: ${path} ${what}`, {
      reason: 'RUNTIME_UNKNOWN',
      cause,
    });
  let module: Partial<RuntimeModule>;
  try {
    module = await import(pathToFileURL(resolve(path)).href);
  } catch (error) {
    throw refused(`cannot be loaded: ${LadingError.from(error).message}`, error);
  }
  if (typeof module.createRuntimeHandler !== 'function') {
    throw refused('has no function createRuntimeHandler; export one that makes the handler');
  }
  return module.createRuntimeHandler(options);
}
