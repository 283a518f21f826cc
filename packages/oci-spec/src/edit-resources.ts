// SPDX-License-Identifier: Apache-2.0
import { type CgroupV2Options, cgroupV2Files } from './cgroup-v2.ts';
import { withLinux } from './edit-linux.ts';
import type { LinuxResources } from './linux-resources.ts';
import type { Spec } from './spec.ts';

/** Merges limits: members of `memory`, `cpu` and so on one by one, lists as a whole. */
export function withResources(spec: Spec, resources: LinuxResources): Spec {
  const { memory, cpu, pids, blockIO, network, rdma, unified, ...lists } = resources;
  const before = spec.linux?.resources;
  return withLinux(spec, {
    resources: {
      ...before,
      ...lists,
      ...(memory && { memory: { ...before?.memory, ...memory } }),
      ...(cpu && { cpu: { ...before?.cpu, ...cpu } }),
      ...(pids && { pids: { ...before?.pids, ...pids } }),
      ...(blockIO && { blockIO: { ...before?.blockIO, ...blockIO } }),
      ...(network && { network: { ...before?.network, ...network } }),
      ...(rdma && { rdma: { ...before?.rdma, ...rdma } }),
      ...(unified && { unified: { ...before?.unified, ...unified } }),
    },
  });
}

/**
 * The same limits as files of cgroup v2 in `unified`, for a runtime that shall write them as they are.
 * Rules of devices stay: cgroup v2 has no file for them.
 *
 * @throws LadingError `unimplemented` for a limit that cgroup v2 does not have
 */
export function toUnifiedResources(resources: LinuxResources, options?: CgroupV2Options): LinuxResources {
  const { devices, memory, cpu, pids, blockIO, hugepageLimits, network, rdma, unified, ...unknown } =
    resources;
  return { ...unknown, ...(devices && { devices }), unified: cgroupV2Files(resources, options) };
}
