import { describe } from 'node:test';
import { transportSuite } from './conformance.js';
import { GrpcRig } from './grpc-rig.js';

describe('peers over gRPC', () => transportSuite(() => GrpcRig.create({ refusedDelayMs: 200 })));
