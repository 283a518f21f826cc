// SPDX-License-Identifier: Apache-2.0
import { isAbsolute } from 'node:path';
import type { RuntimeServiceHandlers } from '@lading/cri-api';
import type { Engine } from '@lading/engine';
import { Code, LadingError } from '@lading/errors';
import { programPath } from '@lading/linux';
import { findContainer, findPod } from './find.ts';
import { waitMs } from './time.ts';

type Handlers = Pick<RuntimeServiceHandlers, 'checkpointContainer' | 'checkpointPod' | 'restorePod'>;

/**
 * The RPCs that save and restore processes. Containers are saved by the runtime, with CRIU; requests about whole pods are
 * checked, and then refused.
 */
export function checkpointHandlers(engine: Engine): Handlers {
  return {
    async checkpointContainer({ containerId, location, timeout }, { signal }) {
      const { container } = await findContainer(engine, containerId);
      needed(location, 'location');
      if (!isAbsolute(location) || location.includes('\0')) {
        throw new LadingError(
          Code.InvalidArgument,
          `location ${JSON.stringify(location)} is not an absolute path`,
        );
      }
      if (container.status !== 'running') {
        throw new LadingError(
          Code.FailedPrecondition,
          `container ${container.id} is ${container.status}; only a running one can be checkpointed`,
        );
      }
      await engine.containers.checkpoint(container.id, {
        archive: location,
        signal,
        // Zero means no limit of the call's own.
        ...(timeout > 0n && { timeoutMs: waitMs(timeout) }),
      });
      return {};
    },
    async checkpointPod({ podSandboxId, outputPath, containerIds }) {
      const { pod } = await findPod(engine, podSandboxId);
      needed(outputPath, 'output_path');
      const stranger = containerIds.find((id) => !pod.containerIds.includes(id));
      if (stranger !== undefined) {
        throw new LadingError(
          Code.InvalidArgument,
          `container_ids names ${JSON.stringify(stranger)}, which is not in sandbox ${pod.id}`,
        );
      }
      if (pod.status !== 'ready')
        throw new LadingError(Code.FailedPrecondition, `sandbox ${pod.id} is not ready`);
      throw refusal(`sandbox ${pod.id} cannot be checkpointed`);
    },
    async restorePod({ checkpointPath, config }) {
      needed(checkpointPath, 'checkpoint_path');
      if (config === undefined) throw new LadingError(Code.InvalidArgument, 'RestorePod needs a config');
      throw refusal('the sandbox cannot be restored');
    },
  };
}

function needed(value: string, field: string): void {
  if (value === '') throw new LadingError(Code.InvalidArgument, `${field} is empty`);
}

function refusal(what: string): LadingError {
  return programPath('criu') !== undefined
    ? new LadingError(Code.Unimplemented, `${what}: this version of ladingd makes no use of CRIU yet`)
    : new LadingError(
        Code.FailedPrecondition,
        `${what}: CRIU, which saves and restores processes, is not installed; there is no criu in PATH`,
        { reason: 'CRIU_UNKNOWN' },
      );
}
