// node ask.cjs FOLDER QUESTIONS ANSWERS: opens exported models offline, as anybody would, and answers questions to them. QUESTIONS is a JSON
// list of {model, task, text}; FOLDER holds the models; ANSWERS gets the list of answers. NODE_PATH says where the library is.
const fs = require('fs');
const { AutoTokenizer, env, pipeline } = require('@huggingface/transformers');

async function answer({ model, task, text }, newTokens) {
    if (task === 'tokens') {
        const tokenizer = await AutoTokenizer.from_pretrained(model);
        return tokenizer.encode(text);
    }
    const ask = await pipeline(task, model, { dtype: 'fp32' });
    if (task === 'fill-mask')
        return (await ask(text, { top_k: 5 })).map(({ token, score }) => ({ token, score }));
    if (task === 'feature-extraction')
        return Array.from((await ask(text, { pooling: 'mean', normalize: false })).data);
    return (await ask(text, { max_new_tokens: newTokens, do_sample: false }))[0].generated_text;
}

async function main([folder, questions, answers]) {
    env.allowRemoteModels = false;
    env.localModelPath = folder + '/';
    const all = [];
    for (const question of JSON.parse(fs.readFileSync(questions)))
        all.push(await answer(question, 6));
    fs.writeFileSync(answers, JSON.stringify(all));
}

main(process.argv.slice(2)).catch(error => { console.error(error); process.exit(1); });
