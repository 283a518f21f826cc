// SPDX-License-Identifier: Apache-2.0
// Made by scripts/generate.ts from proto/. Change the .proto files instead.
import type { StreamMethod, UnaryMethod } from '../method.ts';
import type {
  AttachRequest,
  AttachResponse,
  CheckpointContainerRequest,
  CheckpointContainerResponse,
  CheckpointPodRequest,
  CheckpointPodResponse,
  ContainerEventResponse,
  ContainerStatsRequest,
  ContainerStatsResponse,
  ContainerStatusRequest,
  ContainerStatusResponse,
  CreateContainerRequest,
  CreateContainerResponse,
  ExecRequest,
  ExecResponse,
  ExecSyncRequest,
  ExecSyncResponse,
  GetEventsRequest,
  ImageFsInfoRequest,
  ImageFsInfoResponse,
  ImageStatusRequest,
  ImageStatusResponse,
  ListContainerStatsRequest,
  ListContainerStatsResponse,
  ListContainersRequest,
  ListContainersResponse,
  ListImagesRequest,
  ListImagesResponse,
  ListMetricDescriptorsRequest,
  ListMetricDescriptorsResponse,
  ListPodSandboxMetricsRequest,
  ListPodSandboxMetricsResponse,
  ListPodSandboxRequest,
  ListPodSandboxResponse,
  ListPodSandboxStatsRequest,
  ListPodSandboxStatsResponse,
  PodSandboxStatsRequest,
  PodSandboxStatsResponse,
  PodSandboxStatusRequest,
  PodSandboxStatusResponse,
  PortForwardRequest,
  PortForwardResponse,
  PullImageRequest,
  PullImageResponse,
  RemoveContainerRequest,
  RemoveContainerResponse,
  RemoveImageRequest,
  RemoveImageResponse,
  RemovePodSandboxRequest,
  RemovePodSandboxResponse,
  ReopenContainerLogRequest,
  ReopenContainerLogResponse,
  RestorePodRequest,
  RestorePodResponse,
  RunPodSandboxRequest,
  RunPodSandboxResponse,
  RuntimeConfigRequest,
  RuntimeConfigResponse,
  StartContainerRequest,
  StartContainerResponse,
  StatusRequest,
  StatusResponse,
  StopContainerRequest,
  StopContainerResponse,
  StopPodSandboxRequest,
  StopPodSandboxResponse,
  StreamContainerStatsRequest,
  StreamContainerStatsResponse,
  StreamContainersRequest,
  StreamContainersResponse,
  StreamImagesRequest,
  StreamImagesResponse,
  StreamPodSandboxMetricsRequest,
  StreamPodSandboxMetricsResponse,
  StreamPodSandboxStatsRequest,
  StreamPodSandboxStatsResponse,
  StreamPodSandboxesRequest,
  StreamPodSandboxesResponse,
  UpdateContainerResourcesRequest,
  UpdateContainerResourcesResponse,
  UpdatePodSandboxResourcesRequest,
  UpdatePodSandboxResourcesResponse,
  UpdateRuntimeConfigRequest,
  UpdateRuntimeConfigResponse,
  VersionRequest,
  VersionResponse,
} from './messages.ts';

export interface ImageService {
  /** Images that pass a filter. */
  readonly listImages: UnaryMethod<ListImagesRequest, ListImagesResponse>;
  /** The same list in pieces. */
  readonly streamImages: StreamMethod<StreamImagesRequest, StreamImagesResponse>;
  /** Status of an image; an empty answer if there is none. */
  readonly imageStatus: UnaryMethod<ImageStatusRequest, ImageStatusResponse>;
  /** Pulls an image with the given credentials. */
  readonly pullImage: UnaryMethod<PullImageRequest, PullImageResponse>;
  /** Removes an image. Repeating it is no error. */
  readonly removeImage: UnaryMethod<RemoveImageRequest, RemoveImageResponse>;
  /** What images and containers use on disk. */
  readonly imageFsInfo: UnaryMethod<ImageFsInfoRequest, ImageFsInfoResponse>;
}

/** The methods of ImageService on the wire. */
export const imageServiceMethods: ImageService = {
  listImages: { path: '/runtime.v1.ImageService/ListImages', request: 'ListImagesRequest', response: 'ListImagesResponse', stream: false },
  streamImages: { path: '/runtime.v1.ImageService/StreamImages', request: 'StreamImagesRequest', response: 'StreamImagesResponse', stream: true },
  imageStatus: { path: '/runtime.v1.ImageService/ImageStatus', request: 'ImageStatusRequest', response: 'ImageStatusResponse', stream: false },
  pullImage: { path: '/runtime.v1.ImageService/PullImage', request: 'PullImageRequest', response: 'PullImageResponse', stream: false },
  removeImage: { path: '/runtime.v1.ImageService/RemoveImage', request: 'RemoveImageRequest', response: 'RemoveImageResponse', stream: false },
  imageFsInfo: { path: '/runtime.v1.ImageService/ImageFsInfo', request: 'ImageFsInfoRequest', response: 'ImageFsInfoResponse', stream: false },
};

export interface RuntimeService {
  /** Names and versions of the runtime and of this interface. */
  readonly version: UnaryMethod<VersionRequest, VersionResponse>;
  /** Makes and starts a sandbox; ready when it returns. */
  readonly runPodSandbox: UnaryMethod<RunPodSandboxRequest, RunPodSandboxResponse>;
  /** Ends all processes of a sandbox and gives its network back. Repeating it is no error. */
  readonly stopPodSandbox: UnaryMethod<StopPodSandboxRequest, StopPodSandboxResponse>;
  /** Removes a sandbox with its containers, running ones too. Repeating it is no error. */
  readonly removePodSandbox: UnaryMethod<RemovePodSandboxRequest, RemovePodSandboxResponse>;
  /** Status of a sandbox; NOT_FOUND if there is none. */
  readonly podSandboxStatus: UnaryMethod<PodSandboxStatusRequest, PodSandboxStatusResponse>;
  /** Sandboxes that pass a filter. */
  readonly listPodSandbox: UnaryMethod<ListPodSandboxRequest, ListPodSandboxResponse>;
  /** The same list in pieces, for lists larger than one message. */
  readonly streamPodSandboxes: StreamMethod<StreamPodSandboxesRequest, StreamPodSandboxesResponse>;
  /** Makes a container in a sandbox. */
  readonly createContainer: UnaryMethod<CreateContainerRequest, CreateContainerResponse>;
  /** Starts a container that was made. */
  readonly startContainer: UnaryMethod<StartContainerRequest, StartContainerResponse>;
  /** Stops a container; after the grace period, in seconds, by force. Repeating it is no error. */
  readonly stopContainer: UnaryMethod<StopContainerRequest, StopContainerResponse>;
  /** Removes a container, a running one by force. Repeating it is no error. */
  readonly removeContainer: UnaryMethod<RemoveContainerRequest, RemoveContainerResponse>;
  /** Containers that pass a filter. */
  readonly listContainers: UnaryMethod<ListContainersRequest, ListContainersResponse>;
  /** The same list in pieces. */
  readonly streamContainers: StreamMethod<StreamContainersRequest, StreamContainersResponse>;
  /** Status of a container; NOT_FOUND if there is none. */
  readonly containerStatus: UnaryMethod<ContainerStatusRequest, ContainerStatusResponse>;
  /** Changes the limits of a container. */
  readonly updateContainerResources: UnaryMethod<UpdateContainerResourcesRequest, UpdateContainerResourcesResponse>;
  /** Opens the log anew after a rotation. */
  readonly reopenContainerLog: UnaryMethod<ReopenContainerLogRequest, ReopenContainerLogResponse>;
  /** Runs a command to its end and returns what it printed. */
  readonly execSync: UnaryMethod<ExecSyncRequest, ExecSyncResponse>;
  /** Prepares a stream for a command and says where. */
  readonly exec: UnaryMethod<ExecRequest, ExecResponse>;
  /** Prepares a stream to a running container and says where. */
  readonly attach: UnaryMethod<AttachRequest, AttachResponse>;
  /** Prepares a stream to ports of a sandbox and says where. */
  readonly portForward: UnaryMethod<PortForwardRequest, PortForwardResponse>;
  /** Measures one container. */
  readonly containerStats: UnaryMethod<ContainerStatsRequest, ContainerStatsResponse>;
  /** Measures containers that pass a filter. */
  readonly listContainerStats: UnaryMethod<ListContainerStatsRequest, ListContainerStatsResponse>;
  /** The same in pieces. */
  readonly streamContainerStats: StreamMethod<StreamContainerStatsRequest, StreamContainerStatsResponse>;
  /** Measures one sandbox. */
  readonly podSandboxStats: UnaryMethod<PodSandboxStatsRequest, PodSandboxStatsResponse>;
  /** Measures sandboxes that pass a filter. */
  readonly listPodSandboxStats: UnaryMethod<ListPodSandboxStatsRequest, ListPodSandboxStatsResponse>;
  /** The same in pieces. */
  readonly streamPodSandboxStats: StreamMethod<StreamPodSandboxStatsRequest, StreamPodSandboxStatsResponse>;
  /** Hands down settings, such as the address range of pods. */
  readonly updateRuntimeConfig: UnaryMethod<UpdateRuntimeConfigRequest, UpdateRuntimeConfigResponse>;
  /** Conditions and features of the runtime. */
  readonly status: UnaryMethod<StatusRequest, StatusResponse>;
  /** Saves a running container to a file. */
  readonly checkpointContainer: UnaryMethod<CheckpointContainerRequest, CheckpointContainerResponse>;
  /** Saves a pod to a folder. */
  readonly checkpointPod: UnaryMethod<CheckpointPodRequest, CheckpointPodResponse>;
  /** Brings a saved pod back. */
  readonly restorePod: UnaryMethod<RestorePodRequest, RestorePodResponse>;
  /** Events of containers as they happen. */
  readonly getContainerEvents: StreamMethod<GetEventsRequest, ContainerEventResponse>;
  /** Metrics that there are. */
  readonly listMetricDescriptors: UnaryMethod<ListMetricDescriptorsRequest, ListMetricDescriptorsResponse>;
  /** Metrics of all sandboxes. */
  readonly listPodSandboxMetrics: UnaryMethod<ListPodSandboxMetricsRequest, ListPodSandboxMetricsResponse>;
  /** The same in pieces. */
  readonly streamPodSandboxMetrics: StreamMethod<StreamPodSandboxMetricsRequest, StreamPodSandboxMetricsResponse>;
  /** Settings that the kubelet should follow. */
  readonly runtimeConfig: UnaryMethod<RuntimeConfigRequest, RuntimeConfigResponse>;
  /** Tells of changed limits of a pod. */
  readonly updatePodSandboxResources: UnaryMethod<UpdatePodSandboxResourcesRequest, UpdatePodSandboxResourcesResponse>;
}

/** The methods of RuntimeService on the wire. */
export const runtimeServiceMethods: RuntimeService = {
  version: { path: '/runtime.v1.RuntimeService/Version', request: 'VersionRequest', response: 'VersionResponse', stream: false },
  runPodSandbox: { path: '/runtime.v1.RuntimeService/RunPodSandbox', request: 'RunPodSandboxRequest', response: 'RunPodSandboxResponse', stream: false },
  stopPodSandbox: { path: '/runtime.v1.RuntimeService/StopPodSandbox', request: 'StopPodSandboxRequest', response: 'StopPodSandboxResponse', stream: false },
  removePodSandbox: { path: '/runtime.v1.RuntimeService/RemovePodSandbox', request: 'RemovePodSandboxRequest', response: 'RemovePodSandboxResponse', stream: false },
  podSandboxStatus: { path: '/runtime.v1.RuntimeService/PodSandboxStatus', request: 'PodSandboxStatusRequest', response: 'PodSandboxStatusResponse', stream: false },
  listPodSandbox: { path: '/runtime.v1.RuntimeService/ListPodSandbox', request: 'ListPodSandboxRequest', response: 'ListPodSandboxResponse', stream: false },
  streamPodSandboxes: { path: '/runtime.v1.RuntimeService/StreamPodSandboxes', request: 'StreamPodSandboxesRequest', response: 'StreamPodSandboxesResponse', stream: true },
  createContainer: { path: '/runtime.v1.RuntimeService/CreateContainer', request: 'CreateContainerRequest', response: 'CreateContainerResponse', stream: false },
  startContainer: { path: '/runtime.v1.RuntimeService/StartContainer', request: 'StartContainerRequest', response: 'StartContainerResponse', stream: false },
  stopContainer: { path: '/runtime.v1.RuntimeService/StopContainer', request: 'StopContainerRequest', response: 'StopContainerResponse', stream: false },
  removeContainer: { path: '/runtime.v1.RuntimeService/RemoveContainer', request: 'RemoveContainerRequest', response: 'RemoveContainerResponse', stream: false },
  listContainers: { path: '/runtime.v1.RuntimeService/ListContainers', request: 'ListContainersRequest', response: 'ListContainersResponse', stream: false },
  streamContainers: { path: '/runtime.v1.RuntimeService/StreamContainers', request: 'StreamContainersRequest', response: 'StreamContainersResponse', stream: true },
  containerStatus: { path: '/runtime.v1.RuntimeService/ContainerStatus', request: 'ContainerStatusRequest', response: 'ContainerStatusResponse', stream: false },
  updateContainerResources: { path: '/runtime.v1.RuntimeService/UpdateContainerResources', request: 'UpdateContainerResourcesRequest', response: 'UpdateContainerResourcesResponse', stream: false },
  reopenContainerLog: { path: '/runtime.v1.RuntimeService/ReopenContainerLog', request: 'ReopenContainerLogRequest', response: 'ReopenContainerLogResponse', stream: false },
  execSync: { path: '/runtime.v1.RuntimeService/ExecSync', request: 'ExecSyncRequest', response: 'ExecSyncResponse', stream: false },
  exec: { path: '/runtime.v1.RuntimeService/Exec', request: 'ExecRequest', response: 'ExecResponse', stream: false },
  attach: { path: '/runtime.v1.RuntimeService/Attach', request: 'AttachRequest', response: 'AttachResponse', stream: false },
  portForward: { path: '/runtime.v1.RuntimeService/PortForward', request: 'PortForwardRequest', response: 'PortForwardResponse', stream: false },
  containerStats: { path: '/runtime.v1.RuntimeService/ContainerStats', request: 'ContainerStatsRequest', response: 'ContainerStatsResponse', stream: false },
  listContainerStats: { path: '/runtime.v1.RuntimeService/ListContainerStats', request: 'ListContainerStatsRequest', response: 'ListContainerStatsResponse', stream: false },
  streamContainerStats: { path: '/runtime.v1.RuntimeService/StreamContainerStats', request: 'StreamContainerStatsRequest', response: 'StreamContainerStatsResponse', stream: true },
  podSandboxStats: { path: '/runtime.v1.RuntimeService/PodSandboxStats', request: 'PodSandboxStatsRequest', response: 'PodSandboxStatsResponse', stream: false },
  listPodSandboxStats: { path: '/runtime.v1.RuntimeService/ListPodSandboxStats', request: 'ListPodSandboxStatsRequest', response: 'ListPodSandboxStatsResponse', stream: false },
  streamPodSandboxStats: { path: '/runtime.v1.RuntimeService/StreamPodSandboxStats', request: 'StreamPodSandboxStatsRequest', response: 'StreamPodSandboxStatsResponse', stream: true },
  updateRuntimeConfig: { path: '/runtime.v1.RuntimeService/UpdateRuntimeConfig', request: 'UpdateRuntimeConfigRequest', response: 'UpdateRuntimeConfigResponse', stream: false },
  status: { path: '/runtime.v1.RuntimeService/Status', request: 'StatusRequest', response: 'StatusResponse', stream: false },
  checkpointContainer: { path: '/runtime.v1.RuntimeService/CheckpointContainer', request: 'CheckpointContainerRequest', response: 'CheckpointContainerResponse', stream: false },
  checkpointPod: { path: '/runtime.v1.RuntimeService/CheckpointPod', request: 'CheckpointPodRequest', response: 'CheckpointPodResponse', stream: false },
  restorePod: { path: '/runtime.v1.RuntimeService/RestorePod', request: 'RestorePodRequest', response: 'RestorePodResponse', stream: false },
  getContainerEvents: { path: '/runtime.v1.RuntimeService/GetContainerEvents', request: 'GetEventsRequest', response: 'ContainerEventResponse', stream: true },
  listMetricDescriptors: { path: '/runtime.v1.RuntimeService/ListMetricDescriptors', request: 'ListMetricDescriptorsRequest', response: 'ListMetricDescriptorsResponse', stream: false },
  listPodSandboxMetrics: { path: '/runtime.v1.RuntimeService/ListPodSandboxMetrics', request: 'ListPodSandboxMetricsRequest', response: 'ListPodSandboxMetricsResponse', stream: false },
  streamPodSandboxMetrics: { path: '/runtime.v1.RuntimeService/StreamPodSandboxMetrics', request: 'StreamPodSandboxMetricsRequest', response: 'StreamPodSandboxMetricsResponse', stream: true },
  runtimeConfig: { path: '/runtime.v1.RuntimeService/RuntimeConfig', request: 'RuntimeConfigRequest', response: 'RuntimeConfigResponse', stream: false },
  updatePodSandboxResources: { path: '/runtime.v1.RuntimeService/UpdatePodSandboxResources', request: 'UpdatePodSandboxResourcesRequest', response: 'UpdatePodSandboxResourcesResponse', stream: false },
};
