// SPDX-License-Identifier: Apache-2.0

export type { DocumentInput, ParseOptions } from '@lading/document';
export { encodeJson } from '@lading/document';
// For everyone.
export type { CapabilityChange } from './capabilities.ts';
export { capabilities, defaultCapabilities, withCapabilities } from './capabilities.ts';
export { defaultLinuxSpec } from './default-spec.ts';
export { withProcess, withRlimits, withUser } from './edit-process.ts';
export type { DeviceGrant } from './edit-spec.ts';
export {
  withAnnotations,
  withDevices,
  withHostname,
  withLinux,
  withMounts,
  withNamespace,
  withoutNamespace,
  withResources,
} from './edit-spec.ts';
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
export type { Hook, Hooks } from './hooks.ts';
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
export type { Seccomp, SeccompArg, SeccompSyscall } from './seccomp.ts';
export type { SeccompAction, SeccompArch, SeccompFlag, SeccompOperator } from './seccomp-words.ts';
export type { Solaris, SolarisAnet, SolarisCappedCpu, SolarisCappedMemory } from './solaris.ts';
export type { Root, Spec } from './spec.ts';
export { isSpec, parseSpec } from './spec.ts';
export type { ContainerProcessState, State } from './state.ts';
export { isContainerProcessState, isState, parseContainerProcessState, parseState } from './state.ts';
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
