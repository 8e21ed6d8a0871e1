// node ask.cjs FOLDER QUESTIONS ANSWERS: opens exported models offline, as anybody would, and answers questions to them. QUESTIONS is a JSON
// list of {model, task, text, new_tokens}, where text may be a list of texts; FOLDER holds the models; ANSWERS gets the list of answers. NODE_PATH says where
// the library is.
const fs = require('fs');
const { AutoTokenizer, env, pipeline } = require('@huggingface/transformers');

const opened = new Map(); // a model is opened once
async function open(task, model) {
    const name = task + ' ' + model;
    if (!opened.has(name))
        opened.set(name, task === 'tokens' ? await AutoTokenizer.from_pretrained(model) : await pipeline(task, model, { dtype: 'fp32' }));
    return opened.get(name);
}

async function answerOne(task, ask, text, newTokens) {
    if (task === 'tokens')
        return ask.encode(text);
    if (task === 'fill-mask')
        return (await ask(text, { top_k: 5 })).map(({ token, score }) => ({ token, score }));
    if (task === 'feature-extraction')
        return Array.from((await ask(text, { pooling: 'mean', normalize: false })).data);
    return (await ask(text, { max_new_tokens: newTokens, do_sample: false }))[0].generated_text;
}

async function answer({ model, task, text, new_tokens = 6 }) {
    const ask = await open(task, model);
    if (!Array.isArray(text))
        return answerOne(task, ask, text, new_tokens);
    const all = [];
    for (const one of text)
        all.push(await answerOne(task, ask, one, new_tokens));
    return all;
}

async function main([folder, questions, answers]) {
    env.allowRemoteModels = false;
    env.localModelPath = folder + '/';
    const all = [];
    for (const question of JSON.parse(fs.readFileSync(questions)))
        all.push(await answer(question));
    fs.writeFileSync(answers, JSON.stringify(all));
}

main(process.argv.slice(2)).catch(error => { console.error(error); process.exit(1); });
