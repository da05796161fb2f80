const page=document.documentElement,asOf=document.getElementById("as-of"),part=name=>document.getElementById(name);
const tellAge=()=>{const days=Math.floor((Date.now()-Date.parse(asOf.dateTime))/864e5),age=days<1?"less than a day old":days===1?"1 day old":days.toLocaleString("en")+" days old",isOld=days>Number(asOf.dataset.maxAge);part("age").textContent=age;page.classList.toggle("is-old",isOld);part("old").hidden=!isOld;part("old-age").textContent=age[0].toUpperCase()+age.slice(1)+"."};
tellAge();setInterval(tellAge,6e4);
if(location.protocol.startsWith("http")){
const tell=text=>{if(part("trouble-text").textContent!==text){part("trouble-text").textContent=text;part("trouble").hidden=!text}};
let heardAt=Date.now();
const look=async()=>{try{const answer=await fetch(page.dataset.root+"version.txt",{cache:"no-store",signal:AbortSignal.timeout(5e3)});if(answer.ok){heardAt=Date.now();const[version,trouble]=(await answer.text()).split("\n");if(version&&version!==page.dataset.version)return location.reload();tell(trouble||"")}}catch{if(Date.now()-heardAt>1e4)tell("The server of the board does not answer; what you see may no longer be so.")}setTimeout(look,200)};
look();document.addEventListener("visibilitychange",()=>{if(!document.hidden)tellAge()})}
