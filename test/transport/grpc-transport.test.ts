import { transportSuite } from './conformance.js';
import { GrpcRig } from './grpc-rig.js';

transportSuite('peers over gRPC', () => GrpcRig.create({ refusedDelayMs: 200 }));
