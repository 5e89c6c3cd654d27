"""Domains of e-mail that anybody can have an address in: whoever shares one has nothing else in common.

Providers of mailboxes for the public, of internet access with mailboxes for their customers, of forwarding addresses,
and of addresses for one use. Written as in normalised addresses: small letters, the domain in Unicode.
"""

from __future__ import annotations

PUBLIC_MAIL = frozenset(
    """
    gmail.com googlemail.com
    outlook.com outlook.at outlook.be outlook.cl outlook.co.id outlook.co.nz outlook.co.th outlook.com.ar outlook.com.au
    outlook.com.br outlook.com.gr outlook.com.pe outlook.com.tr outlook.com.vn outlook.cz outlook.de outlook.dk
    outlook.es outlook.fr outlook.hu outlook.ie outlook.in outlook.it outlook.jp outlook.kr outlook.lv outlook.my
    outlook.ph outlook.pt outlook.sa outlook.sg outlook.sk
    hotmail.com hotmail.at hotmail.be hotmail.ca hotmail.ch hotmail.cl hotmail.co.id hotmail.co.il hotmail.co.in
    hotmail.co.jp hotmail.co.kr hotmail.co.nz hotmail.co.th hotmail.co.uk hotmail.co.za hotmail.com.ar hotmail.com.au
    hotmail.com.br hotmail.com.hk hotmail.com.tr hotmail.com.tw hotmail.com.vn hotmail.cz hotmail.de hotmail.dk
    hotmail.es hotmail.fi hotmail.fr hotmail.gr hotmail.hu hotmail.it hotmail.lt hotmail.lv hotmail.my hotmail.nl
    hotmail.no hotmail.ph hotmail.rs hotmail.se hotmail.sg hotmail.sk
    live.com live.at live.be live.ca live.cl live.cn live.co.kr live.co.uk live.co.za live.com.ar live.com.au
    live.com.mx live.com.my live.com.ph live.com.pt live.com.sg live.de live.dk live.fi live.fr live.hk live.ie live.in
    live.it live.jp live.nl live.no live.pt live.ru live.se msn.com passport.com windowslive.com
    yahoo.com yahoo.at yahoo.be yahoo.ca yahoo.ch yahoo.cl yahoo.co.id yahoo.co.il yahoo.co.in yahoo.co.jp yahoo.co.kr
    yahoo.co.nz yahoo.co.th yahoo.co.uk yahoo.co.za yahoo.com.ar yahoo.com.au yahoo.com.br yahoo.com.cn yahoo.com.co
    yahoo.com.hk yahoo.com.mx yahoo.com.my yahoo.com.pe yahoo.com.ph yahoo.com.sg yahoo.com.tr yahoo.com.tw
    yahoo.com.ua yahoo.com.ve yahoo.com.vn yahoo.cz yahoo.de yahoo.dk yahoo.es yahoo.fi yahoo.fr yahoo.gr yahoo.hu
    yahoo.ie yahoo.in yahoo.it yahoo.nl yahoo.no yahoo.pl yahoo.pt yahoo.ro yahoo.se ymail.com ymail.ne.jp
    rocketmail.com myyahoo.com
    aol.com aol.at aol.be aol.ch aol.co.nz aol.co.uk aol.com.ar aol.com.au aol.com.br aol.com.mx aol.cz aol.de aol.dk
    aol.es aol.fi aol.fr aol.hk aol.in aol.it aol.jp aol.nl aol.pl aol.se aim.com games.com love.com wow.com
    verizon.net netscape.net compuserve.com cs.com
    icloud.com me.com mac.com privaterelay.appleid.com
    proton.me protonmail.com protonmail.ch pm.me tutanota.com tutanota.de tutamail.com tuta.com tuta.io keemail.me
    fastmail.com fastmail.fm fastmail.co.uk fastmail.de fastmail.jp fastmail.net fastmail.to sent.com mailfence.com
    posteo.de posteo.at posteo.be posteo.ch posteo.eu posteo.net posteo.org mailbox.org startmail.com runbox.com
    hushmail.com hush.com hushmail.me disroot.org riseup.net countermail.com ctemplar.com kolabnow.com skiff.com
    zoho.com zoho.eu zoho.in zohomail.com zohomail.eu zohomail.in hey.com duck.com mozmail.com relay.firefox.com
    anonaddy.com anonaddy.me addy.io simplelogin.com simplelogin.co simplelogin.fr slmail.me passmail.net passinbox.com
    opayq.com lycos.com excite.com inbox.com inbox.lv inbox.lt inbox.eu usa.com usa.net bigfoot.com iname.com
    mail.com email.com europe.com post.com consultant.com contractor.net accountant.com engineer.com doctor.com
    lawyer.com writeme.com myself.com cheerful.com techie.com asia.com berlin.com london.com dr.com execs.com
    gmx.com gmx.de gmx.net gmx.at gmx.ch gmx.eu gmx.fr gmx.es gmx.co.uk gmx.us gmx.info gmx.org gmx.biz caramail.com
    web.de email.de t-online.de t-online.at magenta.de freenet.de arcor.de online.de 1und1.de o2online.de
    o2mail.de vodafonemail.de kabelmail.de unitybox.de unity-mail.de netcologne.de ewetel.net ewe.net
    osnanet.de mnet-mail.de mnet-online.de versanet.de alice.de alice-dsl.net alice-dsl.de directbox.com lycos.de
    firemail.de kabelbw.de htp-tel.de tele2.de
    a1.net aon.at chello.at inode.at kabsi.at drei.at utanet.at liwest.at tele2.at
    bluewin.ch sunrise.ch hispeed.ch swissonline.ch vtxnet.ch bluemail.ch freesurf.ch quickline.ch romandie.com
    orange.fr wanadoo.fr laposte.net free.fr sfr.fr neuf.fr bbox.fr numericable.fr noos.fr aliceadsl.fr club-internet.fr
    cegetel.net voila.fr libertysurf.fr 9online.fr nordnet.fr dbmail.com
    skynet.be telenet.be scarlet.be voo.be belgacom.net base.be
    ziggo.nl kpnmail.nl kpnplanet.nl planet.nl hetnet.nl home.nl upcmail.nl chello.nl xs4all.nl casema.nl quicknet.nl
    zonnet.nl tele2.nl telfort.nl solcon.nl zeelandnet.nl freedom.nl caiway.net caiway.nl onsmail.nl online.nl
    pt.lu internet.lu
    libero.it virgilio.it tim.it tin.it alice.it tiscali.it fastwebnet.it fastwebmail.it inwind.it iol.it email.it
    aruba.it teletu.it poste.it tiscalinet.it supereva.it blu.it giallo.it pec.it legalmail.it
    telefonica.net movistar.es terra.es ya.com orange.es ono.com euskaltel.net mundo-r.com wanadoo.es
    sapo.pt mail.pt netcabo.pt clix.pt iol.pt portugalmail.pt meo.pt telepac.pt
    btinternet.com btopenworld.com btconnect.com talktalk.net tiscali.co.uk sky.com virginmedia.com virgin.net
    blueyonder.co.uk ntlworld.com plus.com plusnet.com o2.co.uk orange.net freeserve.co.uk fsmail.net wanadoo.co.uk
    lineone.net talk21.com tesco.net supanet.com zen.co.uk mail.co.uk
    eircom.net
    telia.com spray.se bredband.net comhem.se tele2.se passagen.se home.se glocalnet.net swipnet.se bahnhof.se
    online.no getmail.no lyse.net broadpark.no frisurf.no c2i.net altibox.no
    mail.dk tdcadsl.dk jubii.dk ofir.dk stofanet.dk youmail.dk mail.tele.dk post.tele.dk post.cybercity.dk youseemail.dk
    suomi24.fi elisanet.fi kolumbus.fi saunalahti.fi luukku.com dnainternet.net welho.com pp.inet.fi netti.fi
    simnet.is visir.is
    wp.pl o2.pl onet.pl onet.eu op.pl poczta.onet.pl poczta.onet.eu interia.pl interia.eu interia.com poczta.fm tlen.pl
    gazeta.pl vp.pl autograf.pl spoko.pl buziaczek.pl go2.pl neostrada.pl
    seznam.cz email.cz post.cz centrum.cz atlas.cz volny.cz tiscali.cz quick.cz
    azet.sk centrum.sk zoznam.sk post.sk pobox.sk orangemail.sk
    freemail.hu citromail.hu t-online.hu indamail.hu vipmail.hu chello.hu upcmail.hu
    abv.bg mail.bg dir.bg gbg.bg
    net.hr inet.hr siol.net email.si amis.net t-2.net telemach.net
    k.ro romtelecom.ro rdslink.ro clicknet.ro
    otenet.gr forthnet.gr hol.gr in.gr freemail.gr mycosmos.gr cytanet.com.cy
    mail.ee hot.ee delfi.lt one.lt takas.lt apollo.lv tvnet.lv
    mail.ru bk.ru list.ru inbox.ru internet.ru vk.com yandex.ru yandex.com yandex.by yandex.kz yandex.ua ya.ru
    narod.ru rambler.ru lenta.ru autorambler.ru myrambler.ru ro.ru nm.ru pochta.ru
    ukr.net i.ua meta.ua bigmir.net email.ua online.ua tut.by
    mynet.com ttmail.com turk.net superonline.com ttnet.net.tr
    walla.com walla.co.il walla.net netvision.net.il 012.net.il bezeqint.net zahav.net.il
    comcast.net xfinity.com att.net sbcglobal.net bellsouth.net pacbell.net ameritech.net swbell.net flash.net
    prodigy.net snet.net nvbell.net cox.net charter.net spectrum.net roadrunner.com rr.com twc.com brighthouse.com
    earthlink.net mindspring.com juno.com netzero.net netzero.com optonline.net optimum.net suddenlink.net
    frontier.com frontiernet.net windstream.net centurylink.net centurytel.net embarqmail.com q.com qwest.net
    mchsi.com wowway.com cableone.net hughes.net peoplepc.com netscape.com tds.net insightbb.com
    rogers.com bell.net sympatico.ca shaw.ca telus.net videotron.ca cogeco.ca eastlink.ca sasktel.net mts.net
    nb.sympatico.ca ns.sympatico.ca
    uol.com.br bol.com.br terra.com.br ig.com.br globo.com globomail.com oi.com.br r7.com zipmail.com.br
    superig.com.br ibest.com.br pop.com.br
    prodigy.net.mx terra.com.mx fibertel.com.ar speedy.com.ar arnet.com.ar ciudad.com.ar vtr.net terra.cl
    une.net.co etb.net.co adinet.com.uy cantv.net terra.com
    bigpond.com bigpond.net.au bigpond.com.au optusnet.com.au optusnet.com iinet.net.au westnet.com.au internode.on.net
    tpg.com.au dodo.com.au ozemail.com.au adam.com.au
    xtra.co.nz slingshot.co.nz orcon.net.nz inspire.net.nz paradise.net.nz clear.net.nz vodafone.co.nz
    qq.com vip.qq.com foxmail.com 163.com vip.163.com 126.com 139.com 189.cn yeah.net sina.com sina.cn vip.sina.com
    sohu.com tom.com 21cn.com aliyun.com wo.cn 188.com
    naver.com hanmail.net daum.net nate.com kakao.com korea.com dreamwiz.com empas.com
    docomo.ne.jp ezweb.ne.jp au.com softbank.ne.jp i.softbank.jp nifty.com biglobe.ne.jp ocn.ne.jp so-net.ne.jp
    plala.or.jp dion.ne.jp infoseek.jp excite.co.jp goo.jp auone.jp
    pchome.com.tw seed.net.tw hinet.net netvigator.com singnet.com.sg starhub.net.sg pacific.net.sg
    streamyx.com tm.net.my rediffmail.com rediff.com indiatimes.com sify.com vsnl.com vsnl.net in.com bsnl.in
    mweb.co.za telkomsa.net vodamail.co.za webmail.co.za iafrica.com absamail.co.za
    menara.ma maktoob.com emirates.net.ae eim.ae batelco.com.bh qatar.net.qa
    mailinator.com guerrillamail.com guerrillamail.net guerrillamail.org guerrillamail.biz guerrillamail.de
    guerrillamailblock.com sharklasers.com grr.la yopmail.com yopmail.fr yopmail.net 10minutemail.com 10minutemail.net
    temp-mail.org tempmail.com tempmail.net trashmail.com trashmail.de trashmail.net wegwerfmail.de wegwerfmail.net
    discard.email discardmail.com dispostable.com getnada.com maildrop.cc mailnesia.com mintemail.com mohmal.com
    mytemp.email spamgourmet.com tempinbox.com throwawaymail.com emailondeck.com fakeinbox.com mailcatch.com moakt.com
    """.split()
)
