// The type of TensorFlow.js: which of its packages it comes from is backend.ts's choice.

export type Tf = typeof import('@tensorflow/tfjs-core')
