// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import type { RuntimeHandler, RuntimeModuleOptions } from '@lading/engine';
import { createRuncRuntime } from '@lading/runtime-runc';

/** A runtime whose program is a script in the world's folder, with the name of the handler; it is waited for a short while. */
export function createRuntimeHandler({ name, root, exitDir }: RuntimeModuleOptions): RuntimeHandler {
  const runtimePath = join(root, '../../../..', name);
  return createRuncRuntime({ root, exitDir, runtimePath, timeoutMs: 15_000 });
}
