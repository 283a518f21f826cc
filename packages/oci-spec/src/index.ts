// SPDX-License-Identifier: Apache-2.0

export type { DocumentInput, ParseOptions } from '@lading/document';
export { encodeJson } from '@lading/document';
// For everyone.
export type { CapabilityChange } from './capabilities.ts';
export { capabilities, defaultCapabilities, withCapabilities } from './capabilities.ts';
export {
  blockIoWeightToIoWeight,
  cpuSharesToWeight,
  cpuSharesToWeightLinear,
  memorySwapToV2,
} from './cgroup-conversions.ts';
export { cgroupV1Files } from './cgroup-v1.ts';
export type { CgroupV2Options } from './cgroup-v2.ts';
export { cgroupV2Files } from './cgroup-v2.ts';
export type { DefaultSeccompOptions } from './default-seccomp.ts';
export { defaultSeccomp } from './default-seccomp.ts';
export type { DefaultSpecOptions } from './default-spec.ts';
export { defaultLinuxSpec } from './default-spec.ts';
export type { DeviceGrant } from './edit-devices.ts';
export { withDeviceRules, withDevices, withoutDevices } from './edit-devices.ts';
export {
  withLinux,
  withMaskedPaths,
  withReadonlyPaths,
  withSeccomp,
  withSysctls,
  withUnmaskedPaths,
} from './edit-linux.ts';
export { withMounts, withoutMounts } from './edit-mounts.ts';
export type { UserNamespaceMappings } from './edit-namespaces.ts';
export { withNamespace, withoutNamespace, withUserNamespace } from './edit-namespaces.ts';
export { withAdditionalGids, withEnv, withProcess, withRlimits, withUser } from './edit-process.ts';
export { toUnifiedResources, withResources } from './edit-resources.ts';
export { withAnnotations, withHooks, withHostname, withRoot } from './edit-spec.ts';
export type {
  CgroupFeatures,
  FeatureSwitch,
  Features,
  IntelRdtFeatures,
  LinuxFeatures,
  SeccompFeatures,
} from './features.ts';
export { isFeatures, parseFeatures } from './features.ts';
export type {
  FreeBsd,
  FreeBsdDevice,
  FreeBsdJail,
  FreeBsdJailAllow,
  FreeBsdSharing,
  FreeBsdSharingOrNew,
} from './freebsd.ts';
export { type Hook, type Hooks, hookPoints } from './hooks.ts';
export type {
  IntelRdt,
  Linux,
  LinuxDevice,
  LinuxDeviceType,
  LinuxNamespace,
  LinuxNamespaceType,
  LinuxNetDevice,
  MemoryPolicy,
  MemoryPolicyFlag,
  MemoryPolicyMode,
  Personality,
  PersonalityDomain,
  RootfsPropagation,
  TimeOffset,
  TimeOffsets,
} from './linux.ts';
export type {
  BlockIoResources,
  CpuResources,
  DeviceCgroup,
  HugepageLimit,
  InterfacePriority,
  LinuxResources,
  MemoryResources,
  NetworkResources,
  PidsResources,
  RdmaResources,
  ThrottleDevice,
  WeightDevice,
} from './linux-resources.ts';
export type { IdMapping, Mount } from './mount.ts';
export type { PrivilegedOptions } from './privileged.ts';
export { privileged } from './privileged.ts';
export type {
  Box,
  Capabilities,
  CpuAffinity,
  IoPriority,
  IoPriorityClass,
  Process,
  Rlimit,
  Scheduler,
  SchedulerFlag,
  SchedulerPolicy,
  User,
} from './process.ts';
export { unlimited } from './process.ts';
export type { RootlessOptions } from './rootless.ts';
export { rootless } from './rootless.ts';
export type { Seccomp, SeccompArg, SeccompSyscall } from './seccomp.ts';
export type { SeccompAction, SeccompArch, SeccompFlag, SeccompOperator } from './seccomp-words.ts';
export type { Solaris, SolarisAnet, SolarisCappedCpu, SolarisCappedMemory } from './solaris.ts';
export type { Root, Spec } from './spec.ts';
export { isSpec, parseSpec } from './spec.ts';
export type { ContainerProcessState, State } from './state.ts';
export { isContainerProcessState, isState, parseContainerProcessState, parseState } from './state.ts';
export type { FeatureQuery } from './supports.ts';
export { supports } from './supports.ts';
export type { Vm, VmHardware, VmHypervisor, VmImage, VmImageFormat, VmIoMem, VmKernel } from './vm.ts';
export type {
  Windows,
  WindowsCpu,
  WindowsCpuAffinity,
  WindowsDevice,
  WindowsHyperV,
  WindowsMemory,
  WindowsNetwork,
  WindowsResources,
  WindowsStorage,
} from './windows.ts';
export type { Zos, ZosNamespace, ZosNamespaceType } from './zos.ts';
