{#- Text as it is compared: lower case, without surrounding blanks and without accents ("Páin " is "pain"). -#}
{% macro normalised_text(text) -%}
    {{ return(adapter.dispatch('normalised_text', 'product_metrics')(text)) }}
{%- endmacro %}

{% macro default__normalised_text(text) -%}lower(trim(strip_accents({{ text }}))){%- endmacro %}

{#- The letters of the Latin, Greek and Cyrillic scripts that carry accents, since Spark has no function that strips them. -#}
{% macro spark__normalised_text(text) -%}
    {%- set accented = [
        'àáâãäåçèéêëìíîïñòóôõöùúûüýÿāăąćĉċčďēĕėęěĝğġģĥĩīĭįĵķĺļľńņňōŏőŕŗřśŝşšţťũūŭůűųŵŷźżžơưǎǐǒǔǖǘǚǜǟǡǣǧǩǫǭǯǰǵ',
        'ǹǻǽǿȁȃȅȇȉȋȍȏȑȓȕȗșțȟȧȩȫȭȯȱȳ΅ΐάέήίΰϊϋόύώϓϔйѐёѓїќѝўѷӂӑӓӗӛӝӟӣӥӧӫӭӯӱӳӵӹḁḃḅḇḉḋḍḏḑḓḕḗḙḛḝḟḡḣḥḧḩḫḭḯḱḳḵḷḹḻḽḿṁṃ',
        'ṅṇṉṋṍṏṑṓṕṗṙṛṝṟṡṣṥṧṩṫṭṯṱṳṵṷṹṻṽṿẁẃẅẇẉẋẍẏẑẓẕẖẗẘẙẛạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹἀἁἂἃἄἅἆἇἐ',
        'ἑἒἓἔἕἠἡἢἣἤἥἦἧἰἱἲἳἴἵἶἷὀὁὂὃὄὅὐὑὒὓὔὕὖὗὠὡὢὣὤὥὦὧὰάὲέὴήὶίὸόὺύὼώᾀᾁᾂᾃᾄᾅᾆᾇᾐᾑᾒᾓᾔᾕᾖᾗᾠᾡᾢᾣᾤᾥᾦᾧᾰᾱᾲᾳᾴᾶᾷ῁ῂῃῄῆῇ῍῎῏ῐῑῒ',
        'ΐῖῗ῝῞῟ῠῡῢΰῤῥῦῧ῭΅ῲῳῴῶῷ',
    ] -%}
    {%- set plain = [
        'aaaaaaceeeeiiiinooooouuuuyyaaaccccdeeeeegggghiiiijklllnnnooorrrssssttuuuuuuwyzzzouaiouuuuuaaægkooʒjg',
        'naæøaaeeiioorruusthaeooooy¨ιαεηιυιυουωϒϒиеегікиуѵжааеәжзииоөэууучыabbbcdddddeeeeefghhhhhiikkkllllmmm',
        'nnnnoooopprrrrsssssttttuuuuuvvwwwwwxxyzzzhtwyſaaaaaaaaaaaaeeeeeeeeiioooooooooooouuuuuuuyyyyααααααααε',
        'εεεεεηηηηηηηηιιιιιιιιοοοοοουυυυυυυυωωωωωωωωααεεηηιιοουυωωααααααααηηηηηηηηωωωωωωωωααααααα¨ηηηηη᾿᾿᾿ιιι',
        'ιιι῾῾῾υυυυρρυυ¨¨ωωωωω',
    ] -%}
    trim(translate(regexp_replace(lower({{ text }}), '\\p{M}', ''), '{{ accented | join }}', '{{ plain | join }}'))
{%- endmacro %}
