// Every detector, in the order in which they are asked; the first to page speaks.
import type { Detector } from './detector.ts';
import { errorRate } from './error-rate.ts';
import { errorShare } from './error-share.ts';
import { everyRequest } from './every-request.ts';
import { successFell } from './success-fell.ts';
import { trafficVanished } from './traffic-vanished.ts';
import { unusualShare } from './unusual-share.ts';

export const detectors = [
  errorShare,
  everyRequest,
  errorRate,
  trafficVanished,
  successFell,
  unusualShare,
] as const satisfies readonly Detector[];
