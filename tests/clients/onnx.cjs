// node onnx.cjs MODEL PIXELS N C H W OUT: runs an exported encoder in ONNX Runtime on N images (float32, N x C x H x W) at batch N and writes
// the embeddings, float32. NODE_PATH says where onnxruntime-node is.
const fs = require('fs');
const ort = require('onnxruntime-node');

async function main([model, pixels, ...rest]) {
    const out = rest.pop(), shape = rest.map(Number);
    const session = await ort.InferenceSession.create(model);
    if (session.inputNames.join() !== 'pixel_values' || session.outputNames.join() !== 'embedding')
        throw new Error(`inputs ${session.inputNames}, outputs ${session.outputNames}`);
    const bytes = fs.readFileSync(pixels);
    const values = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
    const { embedding } = await session.run({ pixel_values: new ort.Tensor('float32', values, shape) });
    fs.writeFileSync(out, Buffer.from(embedding.data.buffer, embedding.data.byteOffset, embedding.data.byteLength));
}

main(process.argv.slice(2)).catch(error => { console.error(error); process.exit(1); });
